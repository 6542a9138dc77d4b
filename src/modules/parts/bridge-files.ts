import { sha256 } from '../../core/digest.ts';

export interface BridgeFileWish {
  readonly name: string;
  readonly interface: string;
  /** `ADDRESS/PREFIX`, `dhcp`, or undefined for none. */
  readonly address: string | undefined;
  readonly gateway: string | undefined;
  readonly mtu: number | undefined;
}

/** Since this version keyfiles say controller and port; before it master and slave. */
const NEW_WORDS_SINCE = [1, 46];

/** STP off and no delay: with NetworkManager's default a guest that joins is unreachable for 30 s. */
export function renderBridgeProfile(wish: BridgeFileWish, version: readonly number[]): string {
  const ports = isAtLeast(version) ? 'autoconnect-ports' : 'autoconnect-slaves';
  return [
    '[connection]',
    `id=${wish.name}`,
    `uuid=${uuidOf(wish.name)}`,
    'type=bridge',
    `interface-name=${wish.name}`,
    `${ports}=1`,
    '',
    ...(wish.mtu === undefined ? [] : ['[ethernet]', `mtu=${wish.mtu}`, '']),
    '[bridge]',
    'stp=false',
    'forward-delay=0',
    '',
    '[ipv4]',
    ...ipv4Lines(wish),
    '',
    '[ipv6]',
    'method=disabled',
    '',
  ].join('\n');
}

function ipv4Lines({ address, gateway }: BridgeFileWish): readonly string[] {
  if (address === undefined) return ['method=disabled'];
  if (address === 'dhcp') return ['method=auto'];
  return ['method=manual', `address1=${address}${gateway === undefined ? '' : `,${gateway}`}`];
}

/** Its priority goes before that of a profile that was there before: those have 0 or less. */
export function renderPortProfile({ name, interface: port, mtu }: BridgeFileWish, version: readonly number[]): string {
  const [controller, kind] = isAtLeast(version) ? ['controller', 'port-type'] : ['master', 'slave-type'];
  return [
    '[connection]',
    `id=${name}-port-${port}`,
    `uuid=${uuidOf(`${name} ${port}`)}`,
    'type=ethernet',
    `interface-name=${port}`,
    `${controller}=${name}`,
    `${kind}=bridge`,
    'autoconnect-priority=100',
    '',
    ...(mtu === undefined ? [] : ['[ethernet]', `mtu=${mtu}`, '']),
  ].join('\n');
}

/** Guests' interfaces belong to the hypervisor's scripts. */
export const UNMANAGED_TEXT = '[keyfile]\nunmanaged-devices=interface-name:vif*\n';

export function renderInterfaces({ name, interface: port, address, gateway, mtu }: BridgeFileWish): string {
  const method = address === undefined ? 'manual' : address === 'dhcp' ? 'dhcp' : 'static';
  return [
    `auto ${name}`,
    `iface ${name} inet ${method}`,
    ...(method === 'static' ? [`    address ${address}`] : []),
    ...(gateway === undefined ? [] : [`    gateway ${gateway}`]),
    ...(mtu === undefined ? [] : [`    mtu ${mtu}`]),
    `    bridge_ports ${port}`,
    '    bridge_stp off',
    '    bridge_fd 0',
    '',
  ].join('\n');
}

function isAtLeast([major = 0, minor = 0]: readonly number[]): boolean {
  const [newMajor = 0, newMinor = 0] = NEW_WORDS_SINCE;
  return major > newMajor || (major === newMajor && minor >= newMinor);
}

/** The same name gives the same UUID: a profile written again is the same profile. */
function uuidOf(name: string): string {
  const digest = sha256(`bench connection ${name}`);
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-a${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}
