import type { GuestState } from '../contract/hypervisor.ts';

/** Where a guest and what is left of it stand after a trial, from the lists of both hosts. */
export interface Placement {
  readonly guest: string;
  /** Hosts on which a guest of that very name runs (or is paused, or crashed): it is there. */
  readonly present: readonly Standing[];
  readonly leftovers: readonly Standing[];
  /** Hosts that could not be asked, with the reason: the guest may be there as well. */
  readonly silent: readonly { readonly host: string; readonly reason: string }[];
}

export interface Standing {
  readonly host: string;
  readonly state: GuestState;
}

/** What a host answered to the question for its guests. */
export type HostList =
  | { readonly host: string; readonly guests: readonly GuestState[] }
  | { readonly host: string; readonly reason: string };

export function placementOf(guest: string, lists: readonly HostList[]): Placement {
  const all = lists.flatMap((list) =>
    'guests' in list ? list.guests.map((state) => ({ host: list.host, state })) : [],
  );
  return {
    guest,
    present: all.filter(({ state }) => state.name === guest && state.run !== 'shutdown' && state.run !== 'dying'),
    leftovers: all.filter(({ state }) => state.leftover?.of === guest),
    silent: lists.flatMap((list) => ('reason' in list ? [list] : [])),
  };
}

/** Whether the guest is on exactly one host, nothing is left over, and every host has said so. */
export function isSettled({ present, leftovers, silent }: Placement): boolean {
  return present.length === 1 && leftovers.length === 0 && silent.length === 0;
}

/** `g1 runs on xen2 (id 5); left over: g1--incoming on xen1 (paused, id 7)`. */
export function describePlacement({ guest, present, leftovers, silent }: Placement): string {
  const where = present.map(
    ({ host, state }) => `${state.run === 'running' ? 'runs' : `is ${state.run}`} on ${host} (id ${state.id})`,
  );
  const left = leftovers.map(({ host, state }) => `${state.name} on ${host} (${state.run}, id ${state.id})`);
  return [
    `${guest} ${where.length > 0 ? where.join(' and ') : silent.length > 0 ? 'was not found' : 'is on neither host'}`,
    ...(left.length > 0 ? [`left over: ${left.join(', ')}`] : []),
    ...silent.map(({ host, reason }) => `${host} could not be asked: ${reason}`),
  ].join('; ');
}
