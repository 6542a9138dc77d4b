import { z } from 'zod';
import type { MigrationRequest } from '../../contract/migration.ts';
import { type ActionHost, ask, volatile } from '../../contract/module.ts';
import { PreconditionError } from '../../core/errors.ts';
import { type GuestDetails, parseGuestDetails } from '../../hypervisor/xen/guest-details.ts';
import { duration, toMs } from './wait.ts';

/** Parameters of the task `migrate`. */
export const migrateParams = z.strictObject({
  guest: z.string().meta({ description: 'Guest to migrate.', examples: ['g1'] }),
  to: z.string().meta({
    description: 'The other host, by its name in the inventory. Trials begin where the guest is.',
    examples: ['xen2'],
  }),
  kind: z
    .enum(['smoke', 'benchmark'])
    .default('benchmark')
    .describe('`smoke`: every proof that it is the same guest must hold.'),
  there_and_back: z
    .boolean()
    .default(false)
    .describe('Each repetition is two migrations, so that the guest ends where it began.'),
  repetitions: z
    .int()
    .min(1)
    .default(1)
    .describe('How often. Without `there_and_back` each begins where the one before has ended.'),
  series: z
    .string()
    .optional()
    .describe('Name under which the trials are summed up. Made from kind and guest when absent.'),
  observer: z.string().meta({
    description: "Host that watches the guest, on the guest's own network. Needs python3 and root.",
    examples: ['stor1'],
  }),
  addresses: z
    .record(z.string(), z.string())
    .default({})
    .meta({
      description: 'How the hosts reach each other, by host name, where that is not the name itself.',
      examples: [{ xen1: '10.0.0.11', xen2: '10.0.0.12' }],
    }),
  guest_address: z
    .string()
    .optional()
    .describe("The guest's IPv4 address. Read from its kernel's command line (bench.ip) when absent."),
  heartbeat_port: z
    .int()
    .optional()
    .describe('UDP port of its heartbeat. Read from its command line (bench.observer) when absent.'),
  spacing_ms: z
    .number()
    .min(0.5)
    .max(1000)
    .default(2)
    .describe('Time between two echo requests of the observer, and between two marks of the clock on the source.'),
  transport: z
    .string()
    .optional()
    .describe('Command that carries the stream in place of the ssh call that bench gives to xl.'),
  bandwidth_mib_per_s: z
    .number()
    .positive()
    .optional()
    .describe('What the line can carry: a total time below memory / bandwidth is then told as impossible.'),
  limit: duration.default('10m').describe('Longest time of one migration.'),
  rest: duration.default(1).describe('Time between two trials.'),
  conditions: z
    .record(z.string(), z.union([z.string(), z.number()]))
    .default({})
    .describe('What else bears on the figures; kept with each trial.'),
});

export type MigrateParams = z.infer<typeof migrateParams>;

/** One migration of the guest as its host has it now: what it is made of is read, not asked from the user. */
export async function requestOf(
  task: MigrateParams,
  from: ActionHost,
  to: ActionHost,
  signal: AbortSignal,
): Promise<MigrationRequest> {
  const [answer] = await from.ask([volatile(ask('xl', 'list', '-l', task.guest))], signal);
  const guest = parseGuestDetails(answer.stdout);
  const [nic] = guest.interfaces;
  const address = task.guest_address ?? guest.commandLine.get('bench.ip')?.split('/')[0];
  if (!address)
    throw new PreconditionError(`the command line of ${task.guest} does not tell its address`, 'give guest_address');
  return {
    kind: task.kind,
    series: task.series ?? `${task.kind} ${task.guest}`,
    hypervisor: 'xen',
    guest: task.guest,
    guestAddress: address,
    guestMemoryMib: guest.memoryMib,
    bridge: nic?.bridge ?? 'xenbr0',
    disks: guest.disks,
    source: from.name,
    destination: to.name,
    destinationAddress: task.addresses[to.name] ?? to.name,
    observer: task.observer,
    heartbeatPort: task.heartbeat_port ?? Number(guest.commandLine.get('bench.observer')?.split(':')[1] ?? 7707),
    spacingMs: task.spacing_ms,
    ...(task.transport !== undefined && { transport: task.transport }),
    ...(task.bandwidth_mib_per_s !== undefined && { bandwidthMibPerS: task.bandwidth_mib_per_s }),
    limitMs: toMs(task.limit),
    conditions: { ...conditionsOf(guest), ...task.conditions },
  };
}

function conditionsOf({
  type,
  vcpus,
  cap,
  scheduler,
  commandLine,
}: GuestDetails): Readonly<Record<string, string | number>> {
  const word = (key: string) => Number(commandLine.get(`bench.${key}`) ?? 0);
  return {
    guest_type: type,
    vcpus,
    cap,
    scheduler: scheduler ?? 'unknown',
    dirty_mib: word('dirty_mib'),
    dirty_mib_per_s: word('dirty_mib_per_s'),
  };
}
