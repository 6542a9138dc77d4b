import type { Facts, NetworkInterface } from '../contract/facts.ts';
import type { HostName } from '../contract/host.ts';
import { formatDuration } from '../core/duration.ts';
import { BenchError } from '../core/errors.ts';
import { factsReader } from '../facts/facts.ts';
import { grouped } from '../output/layout.ts';
import { createController } from './controller.ts';
import { EXIT } from './exit-code.ts';
import { chooseHosts } from './hosts.ts';
import { interruptSignal } from './interrupt.ts';
import { readInventory } from './inventory-file.ts';
import { onHost } from './on-hosts.ts';
import { write } from './write.ts';

export interface FactsFlags {
  readonly json?: boolean;
}

/** `bench facts`: what each host is, for people or as one JSON object by host name. */
export async function showFacts(path: string, pattern: string, { json }: FactsFlags): Promise<number> {
  const inventory = readInventory(path);
  const hosts = chooseHosts(inventory, pattern);
  const controller = createController(inventory);
  await controller.assertKeys(hosts);
  const signal = interruptSignal();
  const frame = { sections: [{ kind: 'ask', probes: factsReader.probes }] } as const;
  const found = new Map<HostName, Facts>();
  const ask = (host: HostName) =>
    onHost(controller, host, { label: host, signal }, async (session) => {
      const [answer] = await session.exchange(frame, { privilege: { kind: 'login' }, signal });
      if (answer?.kind !== 'answers') throw new BenchError('E_NO_ANSWER', 'the host gave no answer');
      found.set(host, factsReader.read(answer.answers));
      return EXIT.done;
    });
  try {
    const codes = await Promise.all(hosts.map(ask));
    const inOrder = hosts.flatMap((host): [HostName, Facts][] => {
      const facts = found.get(host);
      return facts ? [[host, facts]] : [];
    });
    if (json) write(JSON.stringify(Object.fromEntries(inOrder), null, 2));
    else if (inOrder.length > 0) write(inOrder.map(([host, facts]) => renderFacts(host, facts)).join('\n\n'));
    return Math.max(...codes);
  } finally {
    await controller.close();
  }
}

const MIB = 1024 * 1024;

function renderFacts(host: HostName, facts: Facts): string {
  const { os, cpu, virtualization, default_ipv4: route } = facts;
  const rows: readonly (readonly [string, string])[] = [
    ['name', facts.hostname],
    ['system', `${os.name} (${os.family} family, packages by ${facts.package_manager})`],
    ['kernel', `${facts.kernel} ${facts.architecture}, ${facts.init}, SELinux ${facts.selinux}`],
    ['role', virtualization.role === 'none' ? 'bare metal' : `${virtualization.role} (${virtualization.kind})`],
    ['cpu', `${cpu.count} x ${cpu.model}`],
    ['memory', `${grouped(facts.memory_mib)} MiB`],
    ['network', route ? `${route.interface} ${route.address}, gateway ${route.gateway}` : 'no default route'],
    ...facts.interfaces.flatMap((one) => interfaceRow(one, facts.interfaces)),
    [
      'disks',
      facts.block_devices.map((disk) => `${disk.name} ${grouped(disk.size_bytes / MIB)} MiB`).join(', ') || 'none',
    ],
    ['up for', formatDuration(facts.uptime_s * 1000)],
  ];
  return [host, ...rows.map(([name, value]) => `  ${name.padEnd(9)}${value}`)].join('\n');
}

/** An interface with its addresses and, for a bridge, its ports; none for a port and for one that has neither. */
function interfaceRow({ name, addresses, bridge }: NetworkInterface, all: Facts['interfaces']): [string, string][] {
  const ports = all.filter((other) => other.bridge === name).map((port) => port.name);
  const own = addresses.filter((address) => !/^(fe80:|127\.|::1)/.test(address));
  if (bridge !== undefined || (ports.length === 0 && own.length === 0)) return [];
  const told = ports.length === 0 ? own : [...own, `ports ${ports.join(' ')}`];
  return [['', `${name}: ${told.join(', ')}`]];
}
