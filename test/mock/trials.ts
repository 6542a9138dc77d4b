/**
 * Compares what bench measures with what the mock lab knows: node test/mock/trials.ts INVENTORY GUEST TRIALS [PAUSE_MS...]
 * Migrates the guest between xen1 and xen2, observed by stor1, with each stated pause in turn, and prints one line a trial and
 * a summary: how often the truth lay inside each interval, and how wide the intervals were.
 */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { systemClock } from '../../src/cli/clock.ts';
import { createController } from '../../src/cli/controller.ts';
import { readInventory } from '../../src/cli/inventory-file.ts';
import { toHostName } from '../../src/contract/host.ts';
import type { ActionHost } from '../../src/contract/module.ts';
import type { Answer, AnswersTo, Probe } from '../../src/contract/probe.ts';
import type { StepResult } from '../../src/contract/step.ts';
import type { Figure, Trial } from '../../src/contract/trial.ts';
import { xen } from '../../src/hypervisor/xen/driver.ts';
import { createMeasurer } from '../../src/measure/trial.ts';
import { migrate } from '../../src/modules/migrate.ts';

const { positionals } = parseArgs({ allowPositionals: true });
const [inventoryPath = 'inventory/mock.ini', guest = 'g1', trials = '10', ...pauses] = positionals;
const controller = createController(readInventory(inventoryPath));
const interrupt = new AbortController();
process.once('SIGINT', () => interrupt.abort());
const { signal } = interrupt;
let count = 0;
const samples = new Map<string, string>();
const measureMigration = createMeasurer({
  drivers: { xen },
  newId() {
    count += 1;
    return `t${count}`;
  },
  saveSamples: async (name, content) => void samples.set(name, content),
});

function hostOf(name: string): ActionHost {
  const privilege = { kind: 'login' } as const;
  const session = () => controller.connect(toHostName(name), signal);
  return {
    name: toHostName(name),
    privilege,
    clock: systemClock,
    variables: {},
    session,
    async ask<const L extends readonly Probe[]>(probes: L, asking: AbortSignal): Promise<AnswersTo<L>> {
      const [answer] = await (await session()).exchange(
        { sections: [{ kind: 'ask', probes }] },
        { privilege, signal: asking },
      );
      if (answer?.kind !== 'answers') throw new Error('no answer');
      return answer.answers as readonly Answer[] as unknown as AnswersTo<L>;
    },
    async run(steps, running): Promise<readonly StepResult[]> {
      const section = { kind: 'act', steps, after: [], onFailure: 'stop' } as const;
      const [answer] = await (await session()).exchange({ sections: [section] }, { privilege, signal: running });
      if (answer?.kind !== 'done') throw new Error(`a step failed: ${JSON.stringify(answer)}`);
      return answer.results;
    },
    other: hostOf,
    evaluate: () => undefined,
    report: () => {},
    saveFile: async (path) => path,
    measureMigration,
  };
}

const [one, two] = [hostOf('xen1'), hostOf('xen2')];

interface Row {
  readonly name: string;
  /** From and to where the ground truth itself is known. */
  readonly truthMs: readonly [number, number];
  readonly figure: Figure;
}
const rows: Row[] = [];
let announcements = '';
const witnessing = new AbortController();
const witness = (await hostOf('stor1').session()).stream(['python3', '-IS', '-'], {
  privilege: { kind: 'login' },
  stdin: readFileSync(new URL('witness.py', import.meta.url), 'utf8'),
  onStdout(piece) {
    announcements += new TextDecoder().decode(piece);
  },
  signal: witnessing.signal,
});
try {
  for (let number = 0; number < Number(trials); number += 1) {
    const pauseMs = pauses[number % pauses.length];
    if (pauseMs !== undefined) {
      const step = {
        kind: 'run',
        argv: [
          'sh',
          '-c',
          'sed -i /^pause_ms/d /etc/mock/xen.conf; echo "pause_ms=$1" >>/etc/mock/xen.conf',
          'sh',
          pauseMs,
        ],
      } as const;
      await Promise.all([one.run([step], signal), two.run([step], signal)]);
    }
    const task = migrate.params.parse({ guest, to: 'xen2', observer: 'stor1', kind: 'smoke', repetitions: 1 });
    try {
      const { data, notes } = await migrate.perform(one, task, signal);
      const [trial] = (data?.['trials'] ?? []) as readonly Trial[];
      if (!trial) throw new Error('no trial');
      const truth = await truthOf(trial);
      const found: Row[] = [
        { name: 'total', truthMs: truth.totalMs, figure: trial.figures.total_ms },
        { name: 'pause', truthMs: truth.pauseMs, figure: trial.figures.pause_ms },
        { name: 'network', truthMs: truth.networkMs, figure: trial.figures.network_ms },
        { name: 'guest', truthMs: truth.guestMs, figure: trial.figures.guest_ms },
      ];
      rows.push(...found);
      console.log(
        `${number + 1} ${found.map(shownRow).join('  ')}${trial.findings.map(({ code }) => ` ${code}`).join('')}`,
      );
      if (number === 0) console.log((notes ?? []).join('\n'));
    } catch (thrown) {
      console.log(`${number + 1} ${thrown}`);
      if (signal.aborted) break;
    }
  }
} finally {
  witnessing.abort();
  await witness;
  await controller.close();
}

for (const name of ['total', 'pause', 'network', 'guest']) {
  const own = rows.filter((row) => row.name === name);
  const widths = own
    .flatMap(({ figure }) => (figure.kind === 'captured' ? [figure.ms.high - figure.ms.low] : []))
    .sort((a, b) => a - b);
  const inside = own.filter(isInside).length;
  const at = (share: number) =>
    (widths[Math.min(widths.length - 1, Math.floor(share * widths.length))] ?? Number.NaN).toFixed(1);
  const narrow = widths.filter((width) => width <= 10).length;
  console.log(
    `${name.padEnd(8)} truth inside ${inside}/${own.length}  width: median ${at(0.5)}, 9 of 10 below ${at(0.9)}, widest ${at(1)} ms; at most 10 ms: ${narrow}/${widths.length}`,
  );
}

function isInside({ truthMs: [from, to], figure }: Row): boolean {
  return figure.kind === 'captured' && figure.ms.low <= to && from <= figure.ms.high;
}

function shownRow(row: Row): string {
  const { name, truthMs, figure } = row;
  if (figure.kind === 'missing') return `${name} MISSING ${figure.reason}`;
  const sign = isInside(row) ? '<' : '!!';
  return `${name} ${figure.ms.low.toFixed(2)} ${sign} ${truthMs[1].toFixed(2)} ${sign} ${figure.ms.high.toFixed(2)}`;
}

/** What the mock hypervisors wrote down of the trial: all containers have one clock. */
async function truthOf(trial: Trial) {
  const probe = [{ kind: 'command', argv: ['tail', '-n', '1', '/var/lib/mock-xen/truth.jsonl'] }] as const;
  const [[source], [destination]] = await Promise.all([
    hostOf(trial.source).ask(probe, signal),
    hostOf(trial.destination).ask(probe, signal),
  ]);
  const from = JSON.parse(source.stdout) as Record<string, number>;
  const to = JSON.parse(destination.stdout) as Record<string, number>;
  const ms = (end = Number.NaN, begin = Number.NaN) => (end - begin) * 1000;
  const { started, suspended, link_down, finished } = from;
  const { link_up, unpaused } = to;
  // The path is open again when the network has learnt where the guest is, and the guest's own first act tells it.
  const announced = announcements
    .split('\n')
    .map((line) => Number(line.split(' ')[0]))
    .find((at) => at >= (link_up ?? Number.NaN) - 0.001);
  return {
    totalMs: [ms(finished, started), ms(finished, started)],
    pauseMs: [ms(unpaused, suspended), ms(unpaused, suspended)],
    // The link went down at some moment between the two that are written down; until then a heartbeat may have got out.
    networkMs: [ms(announced, link_down), ms(announced, suspended)],
    guestMs: [ms(announced, link_down), ms(announced, suspended)],
  } as const;
}
