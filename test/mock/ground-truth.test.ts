import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Trial } from '../../src/contract/trial.ts';
import type { Interval } from '../../src/core/interval.ts';
import { bench, INVENTORY } from './lab.ts';
import { FIGURES, type FigureName, readTruths, type Truth } from './truth.ts';

/** One round of stated pauses, most of them short: those are hard to measure. */
const PAUSES_MS = [20, 50, 100, 20, 200, 50, 20, 500, 100, 20, 1000, 50, 2000];
/** Rounds on a quiet controller, and again on a busy one. */
const ROUNDS = 4;

/** How wide an interval may be in nine trials of ten. The silence of the heartbeat is as sharp as the guest is punctual. */
const LIMITS_MS: Readonly<Partial<Record<FigureName, number>>> = { total_ms: 30, pause_ms: 30, network_ms: 10 };
const SHARP = 0.9;
/** How exactly the truth itself must be known in as many: a truth that could be anything would lie inside everything. */
const TRUTH_WITHIN_MS = 1;

interface Measured {
  readonly trial: Trial;
  readonly truth: Truth;
}

const folder = mkdtempSync(join(tmpdir(), 'bench-truth-'));

beforeAll(async () => {
  await bench('lab', 'down', 'mock');
  for (const words of [
    ['lab', 'up', 'mock'],
    ['provision', INVENTORY, '--skip-tags', 'smoke,benchmark'],
  ]) {
    const { code, output } = await bench(...words);
    expect(code, output).toBe(0);
  }
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await bench('lab', 'down', 'mock');
});

test('the truth lies inside every interval, and the intervals are sharp, on a quiet controller and on a busy one', async () => {
  const measured = [...(await measureRound('quiet')), ...(await underLoad(() => measureRound('busy')))];
  console.log(renderTable(measured));
  expect(measured.length).toBeGreaterThanOrEqual(100);
  expect(measured.filter(({ trial }) => trial.verdict.kind !== 'captured').map(({ trial }) => trial)).toEqual([]);
  for (const name of FIGURES) {
    const outside = measured.filter((one) => !isInside(one, name));
    expect(outside.map(({ trial, truth }) => ({ name, id: trial.id, found: trial.figures, truth }))).toEqual([]);
    expect(sharpShare(measured, name), name).toBeGreaterThanOrEqual(SHARP);
    const known = measured.filter(({ truth }) => widthOf(truth[name]) <= TRUTH_WITHIN_MS);
    expect(known.length / measured.length, `truth of ${name}`).toBeGreaterThanOrEqual(SHARP);
  }
});

/** Migrates the guest there and back, each time with another stated pause, as a user would: by one playbook. */
async function measureRound(name: string): Promise<readonly Measured[]> {
  const playbook = join(folder, `${name}.yml`);
  const pauses = Array.from({ length: ROUNDS }, () => PAUSES_MS).flat();
  const tasks = pauses.flatMap((pauseMs) => [
    ...['xen1', 'xen2'].map((host) => ({
      copy: { dest: '/etc/mock/xen.conf', content: `pause_ms=${pauseMs}\nbandwidth_mib_per_s=1600\n` },
      delegate_to: host,
    })),
    { migrate: { guest: 'g1', to: 'xen2', observer: 'stor1', series: name }, ignore_errors: true },
  ]);
  // JSON is YAML.
  writeFileSync(playbook, JSON.stringify([{ hosts: 'xen1', gather_facts: false, tasks }]));
  const { code, output } = await bench('run', playbook, '-i', INVENTORY);
  expect(code, output).toBe(0);
  const trials = readFileSync('.bench/runs/latest/trials.jsonl', 'utf8')
    .trim()
    .split('\n')
    .map((line): Trial => JSON.parse(line));
  expect(trials.length, output).toBe(pauses.length);
  const truths = await readTruths(trials);
  return trials.flatMap((trial, index) => {
    const truth = truths[index];
    return truth ? [{ trial, truth }] : [];
  });
}

/** Does the work while two processes keep the controller, and with it the whole mock lab, busy. */
async function underLoad<T>(work: () => Promise<T>): Promise<T> {
  const spin = 'const until = Date.now() + 15 * 60_000; while (Date.now() < until);';
  const loops: readonly ChildProcess[] = [1, 2].map(() => spawn(process.execPath, ['-e', spin], { stdio: 'ignore' }));
  try {
    return await work();
  } finally {
    await Promise.all(
      loops.map((loop) => {
        const ended = once(loop, 'exit');
        loop.kill('SIGKILL');
        return ended;
      }),
    );
  }
}

/** The truth is itself an interval, as narrow as an act takes: they must meet. */
function isInside({ trial, truth }: Measured, name: FigureName): boolean {
  const figure = trial.figures[name];
  return figure.kind === 'captured' && figure.ms.low <= truth[name].high && truth[name].low <= figure.ms.high;
}

function isWhollyInside({ trial, truth }: Measured, name: FigureName): boolean {
  const figure = trial.figures[name];
  return figure.kind === 'captured' && figure.ms.low <= truth[name].low && truth[name].high <= figure.ms.high;
}

function widthsOf(measured: readonly Measured[], name: FigureName): readonly number[] {
  return measured
    .map(({ trial }) => trial.figures[name])
    .map((figure) => (figure.kind === 'captured' ? widthOf(figure.ms) : Number.POSITIVE_INFINITY))
    .toSorted((one, other) => one - other);
}

function sharpShare(measured: readonly Measured[], name: FigureName): number {
  const limit = LIMITS_MS[name] ?? Number.POSITIVE_INFINITY;
  return widthsOf(measured, name).filter((width) => width <= limit).length / measured.length;
}

function widthOf({ low, high }: Interval): number {
  return high - low;
}

function renderTable(all: readonly Measured[]): string {
  const heading = [
    'figure',
    'controller',
    'inside',
    'wholly',
    'median',
    '9 of 10',
    'widest',
    'limit',
    'within it',
    'truth ±',
  ];
  const rows = FIGURES.flatMap((name) =>
    ['quiet', 'busy', 'both'].map((load) => {
      const measured = all.filter(({ trial }) => load === 'both' || trial.series === load);
      const widths = widthsOf(measured, name);
      const at = (share: number) =>
        (widths[Math.min(widths.length, Math.ceil(share * widths.length)) - 1] ?? 0).toFixed(1);
      const limit = LIMITS_MS[name];
      const doubts = measured.map(({ truth }) => widthOf(truth[name]) / 2);
      return [
        name,
        load,
        `${measured.filter((one) => isInside(one, name)).length}/${measured.length}`,
        String(measured.filter((one) => isWhollyInside(one, name)).length),
        at(0.5),
        at(0.9),
        at(1),
        limit === undefined ? '-' : String(limit),
        limit === undefined ? '-' : `${(100 * sharpShare(measured, name)).toFixed(0)} %`,
        Math.max(...doubts).toFixed(2),
      ];
    }),
  );
  return [heading, ...rows]
    .map((row) => row.map((cell, column) => (column < 2 ? cell.padEnd(11) : cell.padStart(10))).join(''))
    .join('\n');
}
