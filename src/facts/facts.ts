import type { Facts, FactsReader } from '../contract/facts.ts';
import { askShell, volatile } from '../contract/probe.ts';
import { BenchError } from '../core/errors.ts';
import { keyValues, linesOf } from '../core/text.ts';
import { readDefaultRoute, readInterfaces } from './interfaces.ts';
import { FACTS_SCRIPT, SECTION } from './script.ts';
import { readVirtualization } from './virtualization.ts';

/** One question, and what its answer means. Volatile: uptime is another one at every moment. */
export const factsReader: FactsReader = {
  probes: [volatile(askShell(FACTS_SCRIPT))],
  read([answer]) {
    if (answer?.kind !== 'command') throw unreadable('no answer');
    return readFacts(answer.stdout);
  },
};

/** Turns the script's output into facts. Throws `BenchError` where a section is missing or does not parse. */
export function readFacts(stdout: string): Facts {
  const sections = sectionsOf(stdout);
  const section = (name: string): string => {
    const text = sections.get(name);
    if (text === undefined) throw unreadable(`section "${name}" is missing`);
    return text;
  };
  section('end');
  const [hostname, kernel, architecture] = linesOf(section('host'));
  if (!hostname || !kernel || !architecture) throw unreadable('uname told no host name, kernel or architecture');
  const os = readOs(section('os'));
  const cpu = readCpu(section('cpu'));
  const system = keyValues(section('system'));
  const interfaces = readInterfaces(section('links'), section('addresses'));
  return {
    hostname,
    os,
    kernel,
    architecture,
    virtualization: readVirtualization(keyValues(section('virtualization')), cpu.flags),
    cpu,
    memory_mib: readMemoryMib(section('memory')),
    interfaces,
    default_ipv4: readDefaultRoute(section('routes'), interfaces),
    block_devices: readBlockDevices(section('blocks')),
    init: system.get('init') || 'unknown',
    selinux: readSelinux(system.get('selinux')),
    boot_id: system.get('boot_id') ?? '',
    package_manager: readManager(system.get('manager')),
    uptime_s: Number(system.get('uptime')?.split(' ')[0] || Number.NaN) || 0,
  };
}

export function unreadable(reason: string): BenchError {
  return new BenchError('E_TOOL_OUTPUT', `the host's facts cannot be read: ${reason}`);
}

function sectionsOf(stdout: string): ReadonlyMap<string, string> {
  const sections = new Map<string, string>();
  for (const part of `\n${stdout}`.split(`\n${SECTION}`).slice(1)) {
    const end = part.indexOf('\n');
    sections.set(end < 0 ? part : part.slice(0, end), end < 0 ? '' : part.slice(end + 1));
  }
  return sections;
}

function readOs(text: string): Facts['os'] {
  const release = keyValues(text);
  const id = release.get('ID') ?? 'unknown';
  const related = [id, ...(release.get('ID_LIKE') ?? '').split(' ')];
  const isFedora = related.some((name) => name === 'fedora' || name === 'rhel' || name === 'centos');
  const family = isFedora ? 'fedora' : related.includes('debian') ? 'debian' : 'other';
  return { id, version: release.get('VERSION_ID') ?? '', name: release.get('PRETTY_NAME') ?? id, family };
}

function readCpu(text: string): Facts['cpu'] {
  const first = keyValues(text, ':');
  const count = Number(keyValues(text).get('count') || Number.NaN);
  if (!Number.isInteger(count) || count < 1) throw unreadable('nproc told no number of processors');
  const flags = (first.get('flags') ?? first.get('Features') ?? '').split(' ').filter((flag) => flag !== '');
  return { model: first.get('model name') ?? first.get('Hardware') ?? 'unknown', count, flags };
}

function readMemoryMib(text: string): number {
  const kib = /^MemTotal:\s+(\d+) kB/m.exec(text)?.[1];
  if (kib === undefined) throw unreadable('/proc/meminfo told no MemTotal');
  return Math.floor(Number(kib) / 1024);
}

/** Devices with nothing in them (a free loop device, an empty drive) are left out. */
function readBlockDevices(text: string): Facts['block_devices'] {
  return linesOf(text).flatMap((line) => {
    const [, name, sectors, readOnly] = /^(\S+) (\d+) ([01])$/.exec(line) ?? [];
    if (!name) throw unreadable(`"${line}" is no block device`);
    // The kernel counts in sectors of 512 bytes, whatever the device's own are.
    return sectors === '0' ? [] : [{ name, size_bytes: Number(sectors) * 512, read_only: readOnly === '1' }];
  });
}

function readSelinux(enforce: string | undefined): Facts['selinux'] {
  if (enforce === '1') return 'enforcing';
  return enforce === '0' ? 'permissive' : 'disabled';
}

function readManager(name: string | undefined): Facts['package_manager'] {
  return name === 'dnf' || name === 'apt' ? name : 'unknown';
}
