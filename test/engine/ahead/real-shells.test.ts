import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import { systemClock } from '../../../src/cli/clock.ts';
import { createLocalTransport } from '../../../src/connection/local.ts';
import { createSession } from '../../../src/connection/session.ts';
import { toHostName } from '../../../src/contract/host.ts';
import { run } from '../harness.ts';
import { realPlay } from './real-play.ts';

const SHELLS = ['dash', 'bash', 'busybox'] as const;
const numRuns = Number(process.env['BENCH_PROPERTY_SHELL_RUNS'] ?? 100);
const seed = Number(process.env['BENCH_PROPERTY_SEED'] ?? 20_261_124);
const root = mkdtempSync(join(tmpdir(), 'bench-ahead-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** `sh` is the shell; for busybox every other tool is busybox's too. */
function pathOf(shell: (typeof SHELLS)[number]): string {
  const bin = join(root, `bin-${shell}`);
  mkdirSync(bin);
  if (shell === 'busybox') {
    execFileSync('busybox', ['--install', '-s', bin]);
    return bin;
  }
  symlinkSync(`/bin/${shell}`, join(bin, 'sh'));
  return `${bin}:/usr/bin:/bin`;
}

test.each(SHELLS)(
  `on a real %s both paces leave the same host, in ${numRuns} random plays`,
  async (shell) => {
    const PATH = pathOf(shell);
    const dial = async () => createLocalTransport({ PATH, HOME: root, BENCH_HOST: 'a' });
    const session = createSession({ host: toHostName('a'), clock: systemClock, dial });
    const shared = { ...session, close: async () => undefined };
    // A folder of the same name for both, since names stand in what is told.
    const dir = join(root, `host-${shell}`);
    const runOnce = async (tasks: readonly unknown[], pace: 'ahead' | 'oneByOne') => {
      rmSync(dir, { recursive: true, force: true });
      mkdirSync(dir);
      const play = { hosts: 'a', gather_facts: false, vars: { r: { rc: 0, changed: false } }, tasks };
      const ran = await run({
        inventory: 'a\n',
        playbook: JSON.stringify([play]),
        session: () => shared,
        engine: { pace, extraVars: { dir } },
      });
      const outcomes = ran.all('taskFinished').map(({ task, outcome, notes }) => ({ task: task.name, outcome, notes }));
      return { outcomes, files: filesIn(dir) };
    };
    try {
      await fc.assert(
        fc.asyncProperty(realPlay, async (tasks) => {
          expect(await runOnce(tasks, 'ahead')).toEqual(await runOnce(tasks, 'oneByOne'));
        }),
        { numRuns, seed },
      );
    } finally {
      await session.close();
    }
  },
  600_000,
);

function filesIn(folder: string): Readonly<Record<string, string>> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return Object.fromEntries(
    entries
      .map((entry) => {
        const path = join(entry.parentPath, entry.name);
        return [path, entry.isFile() ? readFileSync(path, 'utf8') : 'folder'] as const;
      })
      .sort(([one], [other]) => (one < other ? -1 : 1)),
  );
}
