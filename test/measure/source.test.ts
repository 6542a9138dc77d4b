import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { XEN_MILESTONES } from '../../src/hypervisor/xen/milestones.ts';
import { programText } from '../../src/measure/program.ts';
import { readTimeline, type Timeline } from '../../src/measure/timeline.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bench-source-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

interface Run {
  readonly timeline: Timeline;
  readonly code: number | null;
}

/** Runs the program of the source with a stand-in for xl, and gives what it wrote. */
async function runSource(script: string, onOutput: (stop: () => void, text: string) => void = () => {}): Promise<Run> {
  const command = join(folder, 'xl');
  writeFileSync(command, `#!/bin/bash\n${script}`, { mode: 0o755 });
  const child = spawn('bash', ['-c', programText('source.sh'), 'bench-source', '0.002', command, 'migrate'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pieces: Buffer[] = [];
  child.stdout.on('data', (piece: Buffer) => {
    pieces.push(piece);
    onOutput(() => child.kill('SIGTERM'), Buffer.concat(pieces).toString('latin1'));
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { timeline: readTimeline(Buffer.concat(pieces), XEN_MILESTONES), code };
}

describe('the program that runs beside the migrate command', () => {
  test('brackets every moment that the command itself stamps', async () => {
    const { timeline, code } = await runSource(`
      began=$EPOCHREALTIME
      sleep 0.02
      echo 'wait for the guest to suspend' >&2
      printf 'libxl: debug: '; before=$EPOCHREALTIME; echo 'guest has suspended' >&2; after=$EPOCHREALTIME
      sleep 0.03 & wait
      last=$EPOCHREALTIME; echo 'Migration successful.' >&2
      echo "stamps $began $before $after $last" >&2
      exit 3`);
    const [began, before, after, last] = (/^stamps (.*)$/m.exec(timeline.text)?.[1] ?? '')
      .split(' ')
      .map((text) => Number(text) * 1000);
    expect([code, timeline.exitCode]).toEqual([3, 3]);
    expect(timeline.start?.low).toBeLessThanOrEqual(began ?? Number.NaN);
    expect(timeline.start?.high).toBeGreaterThanOrEqual(began ?? Number.NaN);
    const suspended = timeline.moments.get('suspended');
    expect(suspended?.low).toBeLessThanOrEqual(after ?? Number.NaN);
    expect(suspended?.high).toBeGreaterThanOrEqual(before ?? Number.NaN);
    expect(timeline.moments.get('completed')?.high).toBeGreaterThanOrEqual(last ?? Number.NaN);
    expect(timeline.moments.get('suspending')?.low).toBeLessThanOrEqual(suspended?.low ?? Number.NaN);
    expect(Math.abs(timeline.clockStepMs)).toBeLessThan(30);
  });

  test('hands on all of it, in order, also much text', async () => {
    const { timeline } = await runSource('for i in {1..3000}; do echo "line $i"; done');
    expect(timeline.text).toBe(Array.from({ length: 3000 }, (_, index) => `line ${index + 1}\n`).join(''));
    expect(timeline.exitCode).toBe(0);
  });

  test('passes on SIGTERM, tells how the command ended, and leaves nothing behind', async () => {
    const { timeline, code } = await runSource('echo ready; exec sleep 60', (stop, text) => {
      if (text.includes('ready')) stop();
    });
    expect([code, timeline.exitCode]).toEqual([143, 143]);
    expect(readdirSync('/dev/shm').filter((name) => name.startsWith('bench.'))).toEqual([]);
  });

  test('does not wait for a child that the command left in the background', async () => {
    const { timeline } = await runSource('sleep 20 & echo "child $!"');
    const child = Number(/child (\d+)/.exec(timeline.text)?.[1]);
    process.kill(child, 'SIGKILL');
    expect(timeline.exitCode).toBe(0);
  });

  test('tells of a command that is not there', async () => {
    const child = spawn('bash', ['-c', programText('source.sh'), 'bench-source', '0.002', join(folder, 'none')]);
    const pieces: Buffer[] = [];
    child.stdout.on('data', (piece: Buffer) => pieces.push(piece));
    await new Promise((resolve) => child.once('close', resolve));
    const timeline = readTimeline(Buffer.concat(pieces), XEN_MILESTONES);
    expect(timeline.exitCode).toBe(127);
    expect(timeline.text).toContain('No such file or directory');
  });
});
