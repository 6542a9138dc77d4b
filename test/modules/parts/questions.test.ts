import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { ask, type CommandAnswer, type CommandProbe } from '../../../src/contract/probe.ts';
import { bootProbe, isAnotherBoot, readBootIdentity } from '../../../src/modules/parts/boot.ts';
import { probeConditions, reasonToSkip } from '../../../src/modules/parts/command.ts';
import { mountPoints } from '../../../src/modules/parts/fstab.ts';
import { probePort } from '../../../src/modules/parts/reachable.ts';
import { probeTree, readTree } from '../../../src/modules/parts/tree.ts';
import { openLocalHost } from '../../contract/local-host.ts';

const here = openLocalHost();
afterAll(() => here.close());

/** Answer to one question of a command. */
async function answerTo(probe: CommandProbe): Promise<CommandAnswer> {
  const [answer] = await here.ask([probe]);
  if (answer?.kind !== 'command') throw new Error('no answer of a command');
  return answer;
}

/** The shell texts of the modules' questions, asked of this machine itself. */
describe('this machine answers the question', () => {
  test('for a port: open while somebody listens, closed after', async () => {
    const server = createServer();
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => {
        const address = server.address();
        resolve(typeof address === 'object' && address ? address.port : 0);
      });
    });
    expect((await answerTo(probePort('127.0.0.1', port, 5))).code).toBe(0);
    await new Promise((resolve) => server.close(resolve));
    expect((await answerTo(probePort('127.0.0.1', port, 5))).code).toBe(1);
  });

  test('for a glob, quoting all but the glob itself', async () => {
    const folder = mkdtempSync(join(tmpdir(), "bench glob $(x) 'q'"));
    const isThere = async (creates: string) =>
      reasonToSkip(await here.ask(probeConditions({ chdir: folder, creates })), { creates }) !== undefined;
    try {
      writeFileSync(join(folder, 'xen-4.19.gz'), '');
      for (const glob of ['xen-*.gz', 'xen-4.1[0-9].gz', 'xen-4.19.gz']) expect(await isThere(glob)).toBe(true);
      for (const glob of ['kernel-*', 'none', '*;touch kernel-1']) expect(await isThere(glob)).toBe(false);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test('which boot it is in: the same twice', async () => {
    const [first, second] = [await answerTo(bootProbe), await answerTo(bootProbe)];
    expect(isAnotherBoot(readBootIdentity(first), readBootIdentity(second))).toBe(false);
  });

  test('what is mounted: the root at least', async () => {
    const { stdout } = await answerTo(ask('cat', '/proc/self/mountinfo'));
    expect(mountPoints(stdout).has('/')).toBe(true);
  });

  test('what deviates in a tree, by the host itself where it can', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bench-tree-'));
    try {
      writeFileSync(join(folder, 'good'), '', { mode: 0o644 });
      writeFileSync(join(folder, 'bad'), '', { mode: 0o600 });
      const answer = await answerTo(probeTree(folder, { mode: '0644' }));
      expect(readTree(answer)).toMatchObject([{ path: join(folder, 'bad'), type: 'file', mode: 0o600 }]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
