import type { GuestState } from '../contract/hypervisor.ts';

/** Where a guest and what is left of it stand after a trial, from the lists of both hosts. */
export interface Placement {
  readonly guest: string;
  /** Hosts on which a guest of that very name runs (or is paused, or crashed): it is there. */
  readonly present: readonly Standing[];
  readonly leftovers: readonly Standing[];
}

export interface Standing {
  readonly host: string;
  readonly state: GuestState;
}

export function placementOf(
  guest: string,
  lists: readonly (readonly [host: string, guests: readonly GuestState[]])[],
): Placement {
  const all = lists.flatMap(([host, guests]) => guests.map((state) => ({ host, state })));
  return {
    guest,
    present: all.filter(({ state }) => state.name === guest && state.run !== 'shutdown' && state.run !== 'dying'),
    leftovers: all.filter(({ state }) => state.leftover?.of === guest),
  };
}

/** `g1 runs on xen2 (id 5); left over: g1--incoming on xen1 (paused, id 7)`. */
export function describePlacement({ guest, present, leftovers }: Placement): string {
  const where = present.map(
    ({ host, state }) => `${state.run === 'running' ? 'runs' : `is ${state.run}`} on ${host} (id ${state.id})`,
  );
  const left = leftovers.map(({ host, state }) => `${state.name} on ${host} (${state.run}, id ${state.id})`);
  return [
    `${guest} ${where.length === 0 ? 'is on neither host' : where.join(' and ')}`,
    left.length > 0 ? `left over: ${left.join(', ')}` : '',
  ]
    .filter((part) => part !== '')
    .join('; ');
}
