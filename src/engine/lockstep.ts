import type { HostName } from '../contract/host.ts';

/** Place of a task in its play: indexes from the section down to the task. Compared from the left. */
export type Place = readonly number[];

/** Makes hosts wait for each other, so that none begins a task before all have come to it or are past it. */
export interface Lockstep {
  arrive(host: HostName, place: Place): Promise<void>;
  /** The host takes no more part. */
  leave(host: HostName): void;
}

/** `free`: nobody waits. */
export const freeStep: Lockstep = { arrive: () => Promise.resolve(), leave: () => undefined };

/** `linear`: all hosts take each task together. */
export function createLockstep(hosts: readonly HostName[]): Lockstep {
  const places = new Map<HostName, Place>(hosts.map((host) => [host, []]));
  let waiting: { readonly host: HostName; readonly place: Place; readonly go: () => void }[] = [];

  const release = () => {
    const [some, ...others] = places.values();
    if (!some) return;
    const least = others.reduce((a, b) => (comparePlaces(b, a) < 0 ? b : a), some);
    const isReady = ({ place }: { readonly place: Place }) => comparePlaces(place, least) <= 0;
    const ready = waiting.filter(isReady);
    waiting = waiting.filter((waiter) => !isReady(waiter));
    for (const { go } of ready) go();
  };

  return {
    arrive(host, place) {
      places.set(host, place);
      return new Promise((go) => {
        waiting.push({ host, place, go });
        release();
      });
    },
    leave(host) {
      places.delete(host);
      release();
    },
  };
}

export function comparePlaces(a: Place, b: Place): number {
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? -1) - (b[index] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}
