import type { MigrateOptions, PreflightGuest } from '../../contract/hypervisor.ts';
import {
  type Answer,
  ask,
  type CommandAnswer,
  type CommandProbe,
  type Probe,
  pathOf,
  volatile,
} from '../../contract/probe.ts';
import { linesOf } from '../../core/text.ts';
import { DEFAULT_TRANSPORT } from './argv.ts';
import { readMigrationFailure } from './failure.ts';
import { parseGuestList } from './guest-list.ts';
import { parseHostInfo } from './host-info.ts';

/** What Xen itself takes beside a guest's memory: page tables, the shadow of its vCPUs, grant tables. */
const OVERHEAD_MIB = 8;

/** Asked of the destination: list, host, bridge, then each disk. xl sees most of this only after the whole transfer. */
export function preflightProbes({ bridge, disks }: PreflightGuest): readonly Probe[] {
  return [
    volatile(ask('xl', 'list')),
    volatile(ask('xl', 'info')),
    pathOf(`/sys/class/net/${bridge}/bridge`),
    ...disks.map((disk) => pathOf(disk)),
  ];
}

/** Every reason why the destination could not take the guest, from the answers to `preflightProbes`. */
export function readPreflight(answers: readonly Answer[], guest: PreflightGuest): readonly string[] {
  const [list, info, bridge, ...disks] = answers;
  const reasons: string[] = [];
  if (list?.kind !== 'command' || list.code !== 0 || info?.kind !== 'command' || info.code !== 0) {
    return [`xl does not work there: ${messageIn(list) || messageIn(info) || 'no message'}`];
  }
  for (const { name, id } of parseGuestList(list.stdout)) {
    if (name === guest.name) reasons.push(`a guest named "${name}" is there already (id ${id})`);
    if (name === `${guest.name}--incoming`)
      reasons.push(`"${name}" of an earlier migration is left there (id ${id}); it would wake what the source keeps`);
  }
  const { virtCaps, freeMemoryMib } = parseHostInfo(info.stdout);
  if (!virtCaps.includes('hap'))
    reasons.push(
      `no hardware-assisted paging (virt_caps: ${virtCaps.join(' ')}): a PVH guest cannot be migrated to it`,
    );
  if (freeMemoryMib < guest.memoryMib + OVERHEAD_MIB) {
    reasons.push(`${freeMemoryMib} MiB of memory are free, ${guest.memoryMib + OVERHEAD_MIB} MiB are needed`);
  }
  if (bridge?.kind !== 'path' || !bridge.entry) reasons.push(`there is no bridge "${guest.bridge}"`);
  guest.disks.forEach((disk, index) => {
    const answer = disks[index];
    if (answer?.kind !== 'path' || !answer.entry) reasons.push(`the disk ${disk} is not there`);
  });
  return reasons;
}

function messageIn(answer: Answer | undefined): string {
  return answer?.kind === 'command' && answer.code !== 0
    ? (linesOf(answer.stderr).at(-1) ?? `exit code ${answer.code}`)
    : '';
}

/** The very call that xl makes, with `true` in place of its receiver. */
export function transportProbe({ destination, transport }: MigrateOptions): CommandProbe {
  return volatile(ask('sh', '-c', `exec ${transport ?? DEFAULT_TRANSPORT} "$1" true`, 'sh', destination));
}

/** Undefined when the destination can be reached; else why not. */
export function readTransport({ code, stderr }: CommandAnswer, { destination }: MigrateOptions): string | undefined {
  if (code === 0) return undefined;
  const { cause, hint } = readMigrationFailure(stderr, code);
  return `the source does not reach ${destination}: ${cause}${hint ? ` (${hint})` : ''}`;
}
