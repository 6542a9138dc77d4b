import type { Trial } from '../contract/trial.ts';
import type { Evidence } from './evaluate.ts';
import { type Mark, parseMarkedStream } from './marked-stream.ts';

/**
 * The raw samples of a trial as JSON lines, from which its figures can be worked out again: the trial; the toolstack's text
 * with the marks around each piece of it; the observer's requests, replies and heartbeats; the readings of both clocks.
 */
export function renderSamples(trial: Trial, evidence: Evidence): string {
  const { text, marks } = parseMarkedStream(evidence.stream);
  const { observation } = evidence;
  const lines: readonly unknown[] = [
    { format: 'bench-samples 1', trial },
    {
      source: {
        text,
        marks: marksNearText(marks).map(({ at, stampMs, previousWrittenMs, words }) => [
          at,
          stampMs,
          previousWrittenMs ?? null,
          words.join(' '),
        ]),
      },
    },
    {
      observer: observation && {
        baseMs: observation.baseMs,
        requests: observation.requests.map(({ sentFromMs, sentByMs, answeredMs }) => [
          sentFromMs,
          sentByMs,
          answeredMs ?? null,
        ]),
        heartbeats: observation.heartbeats.map((beat) => [
          beat.receivedMs,
          beat.bootId,
          beat.sequence,
          beat.guestMs,
          beat.diskRecords,
          beat.diskErrors,
        ]),
      },
    },
    { clocks: { source: evidence.sourceClock, observer: evidence.observerClock } },
  ];
  return `${lines.map((line) => JSON.stringify(line)).join('\n')}\n`;
}

/** Three marks on each side of every piece of text, and all that say more than the time: the rest bound nothing. */
function marksNearText(marks: readonly Mark[]): readonly Mark[] {
  const near = new Set<number>();
  marks.forEach(({ at, words }, index) => {
    const isEdge = at !== marks[index - 1]?.at;
    if (isEdge) for (let offset = -3; offset <= 3; offset += 1) near.add(index + offset);
    if (words[0] !== '-') near.add(index).add(index + 1);
  });
  return marks.filter((_, index) => near.has(index));
}
