import { z } from 'zod';
import { sha256 } from '../../core/digest.ts';
import { renderGuestConfig } from '../../hypervisor/xen/guest-config.ts';
import { absolutePath } from './attributes.ts';

/** Parameters of the task `guest`. */
export const guestParams = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]*$/, 'small letters, digits and dashes')
      .meta({ description: 'Name of the guest.', examples: ['g1'] }),
    state: z
      .enum(['running', 'stopped', 'absent'])
      .default('running')
      .describe('`stopped`: shut down by itself. `absent`: ended at once, its configuration removed.'),
    peers: z
      .array(z.string())
      .default([])
      .meta({
        description:
          'Hosts, as this one reaches them by ssh, on which the guest may run after a migration: there it counts as running.',
        examples: [['xen2']],
      }),
    memory_mib: z.int().min(16).optional().describe('Memory, fixed: it does not balloon. Needed to run.'),
    vcpus: z.int().min(1).default(1).describe('Virtual CPUs.'),
    cap: z.int().min(0).default(0).describe('Most CPU time it may take, in per cent of one CPU; 0: no cap.'),
    mac: z
      .string()
      .regex(/^([0-9a-f]{2}:){5}[0-9a-f]{2}$/i, 'not a MAC address')
      .optional()
      .meta({ description: 'MAC address. Made from the name when absent.', examples: ['00:16:3e:00:00:01'] }),
    address: z
      .string()
      .regex(/^\d+(\.\d+){3}\/\d+$/, 'an IPv4 address with its prefix length')
      .optional()
      .meta({ description: 'Address that the guest gives itself. Needed to run.', examples: ['10.0.0.101/24'] }),
    bridge: z.string().default('br0').describe('Bridge that its interface joins.'),
    disk: absolutePath
      .optional()
      .describe('Block device, under the same name on every host it may move to. Needed to run.'),
    kernel: absolutePath.default('/var/lib/bench/vmlinuz').describe('Kernel on this host.'),
    ramdisk: absolutePath.default('/var/lib/bench/guest.cpio.gz').describe('Initial file system on this host.'),
    observer: z
      .string()
      .regex(/^\d+(\.\d+){3}:\d+$/, 'ADDRESS:PORT')
      .optional()
      .meta({ description: 'Where it sends its heartbeat.', examples: ['10.0.0.10:7707'] }),
    heartbeat_ms: z.int().min(1).default(5).describe('Time between two heartbeats.'),
    dirty_mib: z.int().min(0).default(0).describe('Memory that it writes over and over, as a load.'),
    dirty_mib_per_s: z
      .int()
      .min(0)
      .default(0)
      .describe('How fast it writes that; 0 with `dirty_mib`: as fast as it can.'),
    cmdline: z.array(z.string()).default([]).describe('Further words for its kernel.'),
    options: z
      .record(z.string(), z.union([z.string(), z.number(), z.array(z.string())]))
      .default({})
      .describe('Further keys of xl.cfg(5).'),
  })
  .refine(({ cap, vcpus }) => cap <= vcpus * 100, 'a cap above 100 per cent for each vCPU means nothing')
  .refine(
    ({ state, memory_mib, address, disk }) =>
      state !== 'running' || [memory_mib, address, disk].every((value) => value !== undefined),
    'a guest that shall run needs "memory_mib", "address" and "disk"',
  );

export type GuestParams = z.infer<typeof guestParams>;

/** The configuration that a guest with these parameters has. MAC address and UUID follow from its name: a guest made anew is the same machine. */
export function configOf(task: GuestParams): string {
  const { name, memory_mib = 0, vcpus, cap, bridge, disk = '', kernel, ramdisk, options } = task;
  const digest = sha256(`bench guest ${name}`);
  const mac = (task.mac ?? `00:16:3e:${digest.slice(0, 2)}:${digest.slice(2, 4)}:${digest.slice(4, 6)}`).toLowerCase();
  const uuid = `${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-a${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
  const words = {
    name,
    ip: task.address,
    observer: task.observer,
    heartbeat_ms: task.heartbeat_ms,
    dirty_mib: task.dirty_mib,
    dirty_mib_per_s: task.dirty_mib_per_s,
  };
  const own = Object.entries(words).flatMap(([key, value]) => (value === undefined ? [] : [`bench.${key}=${value}`]));
  return renderGuestConfig({
    name,
    uuid,
    memoryMib: memory_mib,
    vcpus,
    cap,
    mac,
    bridge,
    disk,
    kernel,
    ramdisk,
    options,
    commandLine: ['console=hvc0', ...own, ...task.cmdline],
  });
}
