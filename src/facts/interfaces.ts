import { z } from 'zod';
import type { Facts, NetworkInterface } from '../contract/facts.ts';
import { BenchError } from '../core/errors.ts';
import { linesOf } from '../core/text.ts';

const addressList = z.array(
  z.looseObject({
    ifname: z.string().optional(),
    addr_info: z.array(z.looseObject({ local: z.string().optional(), prefixlen: z.number().optional() })).default([]),
  }),
);

/** Joins what /sys/class/net tells of each interface with the addresses that `ip -j addr` tells, where there is an `ip`. */
export function readInterfaces(links: string, addresses: string): readonly NetworkInterface[] {
  const known = readAddresses(addresses);
  return blocksOf(links).map((link) => {
    const name = link.get('name') ?? '';
    const bridge = link.get('bridge');
    return {
      name,
      mac: link.get('mac') ?? '',
      mtu: Number(link.get('mtu')),
      up: isUp(link.get('operstate'), link.get('flags')),
      addresses: known.get(name) ?? [],
      ...(bridge && { bridge }),
    };
  });
}

function blocksOf(text: string): readonly ReadonlyMap<string, string>[] {
  const blocks: Map<string, string>[] = [];
  for (const line of linesOf(text)) {
    const at = line.indexOf('=');
    if (line.startsWith('name=')) blocks.push(new Map());
    blocks.at(-1)?.set(line.slice(0, at), line.slice(at + 1));
  }
  return blocks;
}

/** The loopback and tunnels are "unknown" for the kernel: their flag IFF_UP counts then. */
function isUp(operstate: string | undefined, flags: string | undefined): boolean {
  return operstate === 'up' || (operstate === 'unknown' && (Number(flags) & 1) === 1);
}

function readAddresses(text: string): ReadonlyMap<string, readonly string[]> {
  if (text.trim() === '') return new Map();
  const list = addressList.safeParse(parseJson(text));
  if (!list.success) throw unreadableAddresses(list.error);
  return new Map(
    list.data.map(({ ifname, addr_info }) => [
      ifname ?? '',
      addr_info.flatMap(({ local, prefixlen }) => (local === undefined ? [] : [`${local}/${prefixlen ?? ''}`])),
    ]),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unreadableAddresses(error);
  }
}

function unreadableAddresses(cause: unknown): BenchError {
  return new BenchError('E_TOOL_OUTPUT', "the host's facts cannot be read: ip -j addr answered no list", { cause });
}

/** From /proc/net/route, which every kernel has: the default route with the least metric. */
export function readDefaultRoute(text: string, interfaces: readonly NetworkInterface[]): Facts['default_ipv4'] {
  const routes = linesOf(text)
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter(([, destination, , , , , , mask]) => destination === '00000000' && mask === '00000000')
    .sort((a, b) => Number(a[6]) - Number(b[6]));
  const [name, , gateway = ''] = routes[0] ?? [];
  if (name === undefined) return null;
  const own = interfaces.find((candidate) => candidate.name === name)?.addresses.find((text) => !text.includes(':'));
  return { interface: name, address: own?.split('/')[0] ?? '', gateway: dotted(gateway) };
}

/** `0101A8C0` is 192.168.1.1: the kernel prints the four bytes as one little-endian number. */
function dotted(hex: string): string {
  const bytes = hex.match(/../g)?.reverse() ?? [];
  return bytes.map((byte) => Number.parseInt(byte, 16)).join('.');
}
