import type { Clock } from '../contract/clock.ts';

/** Where a run's time went. A moment in which several things go on is shared among them; one in which nothing does is bench's own. */
export interface Ledger {
  /** Counts `work` under `name` while it goes on. */
  track<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Milliseconds by name; `bench` is the time in which nothing was waited for. */
  totals(): Readonly<Record<string, number>>;
}

export function createLedger(clock: Clock): Ledger {
  const totals = new Map<string, number>([['bench', 0]]);
  const active: string[] = [];
  let since = clock.monotonicMs();

  const settle = () => {
    const now = clock.monotonicMs();
    const names = active.length > 0 ? active : ['bench'];
    for (const name of names) totals.set(name, (totals.get(name) ?? 0) + (now - since) / names.length);
    since = now;
  };

  return {
    async track(name, work) {
      settle();
      active.push(name);
      try {
        return await work();
      } finally {
        settle();
        active.splice(active.indexOf(name), 1);
      }
    },
    totals() {
      settle();
      return Object.fromEntries(totals);
    },
  };
}
