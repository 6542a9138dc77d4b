import type { BridgeState } from './bridge-state.ts';

/** What a task asks of the bridge beside its files. */
export interface LiveWish {
  readonly name: string;
  readonly address?: string | undefined;
  readonly gateway?: string | undefined;
  readonly mtu?: number | undefined;
}

/** With STP off the kernel forwards at once, whatever the forward delay says: NetworkManager then leaves it as it is. */
export function isAsWished(state: BridgeState, { address, gateway, mtu, name }: LiveWish): boolean {
  const { addresses, master, isUp, stp } = state;
  const hasAddress = address === undefined || (address === 'dhcp' ? addresses.length > 0 : addresses.includes(address));
  const hasGateway = gateway === undefined || state.gateways.includes(gateway);
  const hasMtu = mtu === undefined || (state.mtu === mtu && state.portMtu === mtu);
  return master === name && isUp && stp === '0' && hasAddress && hasGateway && hasMtu;
}

export function liveOf(state: BridgeState): string | undefined {
  if (state.stp === undefined) return undefined;
  const { isUp, stp, isPort, addresses, gateways, mtu } = state;
  const words = [
    isUp ? 'up' : 'down',
    `STP ${stp === '0' ? 'off' : 'on'}`,
    isPort ? 'with its port' : 'without its port',
  ];
  return [...words, addresses.join(' ') || 'no address', ...gateways.map((one) => `gateway ${one}`), `MTU ${mtu}`].join(
    ', ',
  );
}

export function wishedOf({ address, gateway, mtu }: LiveWish): string {
  const rest = [gateway && `gateway ${gateway}`, mtu && `MTU ${mtu}`].filter((word) => word !== undefined);
  return ['up', 'STP off', 'with its port', address ?? 'no address', ...rest].join(', ');
}
