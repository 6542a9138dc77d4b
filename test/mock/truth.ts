import type { Trial } from '../../src/contract/trial.ts';
import type { Interval } from '../../src/core/interval.ts';
import { inside } from './lab.ts';

/** A moment that the mock hypervisor stamped before an act and after it: seconds since 1970, one clock for all hosts. */
interface Stamps {
  readonly role: 'source' | 'destination';
  readonly guest: string;
  readonly [stamp: string]: unknown;
}

export const FIGURES = ['total_ms', 'pause_ms', 'network_ms', 'guest_ms'] as const;
export type FigureName = (typeof FIGURES)[number];

/** What truly happened in a migration, each figure as exact as the acts themselves could be stamped. */
export type Truth = Readonly<Record<FigureName, Interval>>;

/** The truth of each trial, from what both hosts wrote down. See truth.py of the mock's xen for what each figure is. */
export async function readTruths(trials: readonly Trial[]): Promise<readonly Truth[]> {
  const texts = await Promise.all(['xen1', 'xen2'].map((host) => inside(host, 'cat /var/lib/mock-xen/truth.jsonl')));
  const stamps = texts.flatMap((text): Stamps[] =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line)),
  );
  return trials.map((trial) => {
    const begun = Date.parse(trial.startedAt) / 1000;
    const source = earliest(stamps, 'source', 'started', begun);
    return truthOf(source, earliest(stamps, 'destination', 'unpaused', momentOf(source, 'started')));
  });
}

function truthOf(source: Stamps, destination: Stamps): Truth {
  const act = (stamps: Stamps, name: string) => ({
    low: momentOf(stamps, name),
    high: momentOf(stamps, `${name}_done`),
  });
  const between = (begin: Interval, end: Interval): Interval => ({
    low: (end.low - begin.high) * 1000,
    high: (end.high - begin.low) * 1000,
  });
  const started = momentOf(source, 'started');
  const pause = between(act(source, 'suspended'), act(destination, 'unpaused'));
  return {
    total_ms: between({ low: started, high: started }, act(source, 'finished')),
    pause_ms: pause,
    network_ms: between(act(source, 'link_down'), act(destination, 'announced')),
    guest_ms: pause,
  };
}

function earliest(all: readonly Stamps[], role: Stamps['role'], name: string, from: number): Stamps {
  const [first] = all
    .filter((stamps) => stamps.role === role && Number(stamps[name] ?? 0) >= from)
    .toSorted((one, other) => momentOf(one, name) - momentOf(other, name));
  if (!first) throw new Error(`no ${role} has written down a migration after ${from}`);
  return first;
}

function momentOf(stamps: Stamps, name: string): number {
  const moment = stamps[name];
  if (typeof moment !== 'number') throw new Error(`no "${name}" in ${JSON.stringify(stamps)}`);
  return moment;
}
