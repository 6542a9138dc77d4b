import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type TargetCommand, targetcliStep } from '../../src/storage/targetcli.ts';
import { type PlayedHost, playHost } from '../mock-tools/payload.ts';
import { runSteps } from './played.ts';

describe('commands for targetcli', () => {
  let host: PlayedHost;
  beforeEach(() => {
    host = playHost({ packages: [] });
  });
  afterEach(() => host.remove());

  /** Runs the step with a targetcli that complains so, and ends with 0 as the real one does when it is fed. */
  async function feed(complaint: string, commands: readonly TargetCommand[]): Promise<void> {
    mkdirSync(join(host.root, 'usr/bin'), { recursive: true });
    const tool = join(host.root, 'usr/bin/targetcli');
    writeFileSync(
      tool,
      `#!/bin/sh\ncat >/dev/null\necho 'password is now secret'\ncat >&2 <<'END'\n${complaint}\nEND\nexit 0\n`,
    );
    chmodSync(tool, 0o755);
    const changes = [{ what: 'target', before: undefined, after: 'present', steps: [targetcliStep(commands)] }];
    await runSteps(host, changes);
  }

  test('fail with every line that it puts on stderr', async () => {
    await expect(feed('one\nNo such Target: $HOME `x`', [{ line: 'ls' }])).rejects.toThrow(
      'one\nNo such Target: $HOME `x`',
    );
  });

  test('do not fail when it says nothing', async () => {
    await expect(feed('', [{ line: 'ls' }])).resolves.toBeUndefined();
  });

  test('pass over a complaint that is expected, and over no other', async () => {
    const commands = [{ line: 'a', harmless: ['no such portal: *'] }, { line: 'b' }];
    await expect(feed('no such portal: *', commands)).resolves.toBeUndefined();
    await expect(feed('no such portal: * at all', commands)).rejects.toThrow('at all');
    await expect(feed('no such portal: *\nWWN not valid', commands)).rejects.toThrow('ended with 1: WWN not valid');
  });

  test("pass over Python's warnings about the tool's own text", async () => {
    const warning =
      "/usr/lib/python3.13/site-packages/x.py:9: SyntaxWarning: invalid escape sequence '\\.'\n  re.match('iqn\\.', wwn)";
    await expect(feed(warning, [{ line: 'ls' }])).resolves.toBeUndefined();
  });

  test('fail where there is no targetcli', async () => {
    const gone = { ...targetcliStep([]), environment: {} };
    const steps = [{ ...gone, argv: gone.argv.map((word) => word.replace('targetcli', 'no-targetcli')) }];
    await expect(runSteps(host, [{ what: 'x', before: undefined, after: 'y', steps }])).rejects.toThrow('not found');
  });
});
