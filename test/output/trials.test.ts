import { expect, test } from 'vitest';
import { createLines } from '../../src/output/lines.ts';
import { renderStageBar } from '../../src/output/stage-bar.ts';
import { painter } from '../../src/output/style.ts';
import { formatInterval, renderTrialTable, renderVerify } from '../../src/output/trials.ts';
import { sink, smokeTrials, trial, verifyRun } from './fake-run.ts';

const paint = painter('off');
const options = { width: 80, verbosity: 0, report: '.bench/runs/2026-11-24T14-02-11/report.html' };

function verified(trials: Parameters<typeof renderVerify>[0]): string {
  return renderVerify(trials, options, paint).join('\n');
}

test('verify shows the smoke migration, medians with intervals and resolution, the stages and the verdict', () => {
  expect(
    verified([...smokeTrials(), ...Array.from({ length: 20 }, (_, index) => trial(index + 1))]),
  ).toMatchInlineSnapshot(`
    " smoke      g1  xen1 -> xen2 -> xen1   same boot, same addresses, disk  ✔
                intact, heartbeat continuous
     benchmark  g1  20 trials, mode pre-copy, transport ssh aes128-gcm, memory 512
                MiB, dirtying 16 MiB/s

       figure     median   95 % interval  resolution
       total    4 810 ms  4 780 .. 4 843      ± 4 ms
       pause       63 ms        59 .. 67      ± 3 ms
       network     87 ms        85 .. 90      ± 1 ms  24 ms above the pause
       guest       94 ms        92 .. 97      ± 1 ms

       |prepare|reserve|=========== pre-copy ============|stop|commit|activate|
       |  92   |  39   |              4 593              | 59 | 4.0  |   27   |
       the network came back 23 ms after the guest: its gratuitous ARP was late (6
       of 20 trials)
     ✔ captured: 22 of 22 trials have downtime and total migration time
       report: .bench/runs/2026-11-24T14-02-11/report.html"
  `);
});

test('with too few trials the true confidence stands in the table', () => {
  const text = verified([trial(1), trial(2), trial(3)]);
  expect(text).toContain('75 % interval');
  expect(text).toContain('3 trials are too few for 95 %: six are the least');
});

test('a trial that missed is shown with its reasons, is not averaged, and spoils the verdict', () => {
  const missed = trial(9, {
    verdict: { kind: 'missed', reasons: ['network: no reply after the gap'] },
    figures: {
      ...trial(9).figures,
      total_ms: { kind: 'captured', ms: { low: 90_000, high: 90_010 } },
      network_ms: { kind: 'missing', reason: 'no reply' },
    },
  });
  const text = verified([...Array.from({ length: 6 }, (_, index) => trial(index + 1)), missed]);
  expect(text).toContain('✖ captured: 6 of 7 trials have downtime and total migration time');
  expect(text).toMatch(/ 7 +g1 .* missing .* ✖$/m);
  expect(text).toContain(' ✖ trial 7: network: no reply after the gap');
  expect(text).toMatch(/total +4 8\d\d ms +4 \d\d\d .. 4 8\d\d /);
});

test('a lost guest and a failed migration say where the guest is', () => {
  const { options: lineOptions, text } = sink();
  const consumer = createLines(lineOptions);
  const lost = trial(1, { verdict: { kind: 'guestLost', evidence: 'g1 answers neither on xen1 nor on xen2' } });
  const broken = trial(2, {
    verdict: { kind: 'migrationFailed', reason: 'not enough memory', evidence: 'g1 runs on xen1' },
  });
  for (const one of [lost, broken]) consumer.event({ type: 'trialFinished', trial: one });
  expect(text()).toContain('     g1 answers neither on xen1 nor on xen2\n');
  expect(text()).toContain('     not enough memory\n     g1 runs on xen1\n');
});

test('a proof of the smoke migration that does not hold is spelled out', () => {
  const proofs = [
    { name: 'same boot', isHeld: true, evidence: 'equal' },
    { name: 'disk intact', isHeld: false, evidence: '3 of 120 records cannot be read' },
  ];
  const text = verified([trial(1, { kind: 'smoke', series: 'smoke', proofs })]);
  expect(text).toContain('same boot  ✖');
  expect(text).toContain('✖ not: disk intact: 3 of 120 records cannot be read');
});

test('without any captured trial there is no table of medians', () => {
  const text = verified([trial(1, { verdict: { kind: 'guestLost', evidence: 'gone' } })]);
  expect(text).not.toContain('median');
  expect(text).toContain('captured: 0 of 1 trial');
});

test('the table of trials has the figures as intervals, one row a trial', () => {
  expect(renderTrialTable([trial(1), trial(2)], 80).join('\n')).toMatchInlineSnapshot(`
    "   trial  guest  way                  total   pause  network   guest
           1  g1     xen1 -> xen2  4 835..4 843  59..65   84..86  92..94  ✔ captured
           2  g1     xen2 -> xen1  4 768..4 776  60..66   85..87  93..95  ✔ captured"
  `);
});

test('findings come once, with how many trials have them', () => {
  const text = verified(Array.from({ length: 20 }, (_, index) => trial(index + 1)));
  expect(text.match(/gratuitous ARP/g)).toHaveLength(1);
  expect(text.replaceAll(/\s+/g, ' ')).toContain('(6 of 20 trials)');
});

test('an interval is one number where both ends are the same to the millisecond', () => {
  expect(formatInterval({ low: 61.2, high: 61.4 })).toBe('61');
  expect(formatInterval({ low: 4770, high: 1_234_866 })).toBe('4 770..1 234 866');
});

test('the bar of stages fills the width and gives each stage room for its name and its time', () => {
  for (const width of [60, 74, 100]) {
    const [bar = '', times = ''] = renderStageBar(trial(1).stages, width);
    expect(bar.length).toBe(times.length);
    expect(bar.length).toBeLessThanOrEqual(width);
    expect(bar.length).toBeGreaterThan(width - 6);
  }
  expect(renderStageBar([], 80)).toEqual([]);
});

test('a whole verify run fits in 80 columns', () => {
  const { options: lineOptions, text } = sink({ verbosity: 1 });
  const consumer = createLines(lineOptions);
  for (const event of verifyRun(20)) consumer.event(event);
  for (const line of text().split('\n')) expect(line.length, line).toBeLessThanOrEqual(80);
});

test('long figures leave the verdict its sign', () => {
  const slow = trial(1, {
    figures: { ...trial(1).figures, total_ms: { kind: 'captured', ms: { low: 1_234_567, high: 1_234_999 } } },
    verdict: { kind: 'migrationFailed', reason: 'no', evidence: 'no' },
  });
  const lines = renderTrialTable([slow, trial(2)], 80);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
  expect(lines[1]).toMatch(/✖$/);
});
