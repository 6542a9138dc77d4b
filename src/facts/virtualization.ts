import type { Facts } from '../contract/facts.ts';

/**
 * What the host is under or offers. A dom0 comes first: the practice lab's dom0 is a container as well. `xl info` works in
 * a dom0 only; `control_d` stands in /proc/xen/capabilities of a dom0 only.
 */
export function readVirtualization(
  told: ReadonlyMap<string, string>,
  flags: readonly string[],
): Facts['virtualization'] {
  if (told.get('xl') === 'yes' || told.get('capabilities')?.includes('control_d')) return { role: 'host', kind: 'xen' };
  const container = named(told.get('container')) ?? named(told.get('environ')) ?? named(told.get('file'));
  if (container) return { role: 'container', kind: container };
  const machine = named(told.get('machine'));
  if (machine) return { role: 'guest', kind: machine };
  if (told.get('hypervisor')) return { role: 'guest', kind: told.get('hypervisor') ?? 'unknown' };
  // Every x86 hypervisor sets this flag for its guests.
  if (!told.has('machine') && flags.includes('hypervisor')) return { role: 'guest', kind: 'unknown' };
  return { role: 'none', kind: 'none' };
}

function named(word: string | undefined): string | undefined {
  return word === undefined || word === '' || word === 'none' ? undefined : word;
}
