import { askShell, textOf } from '../../contract/module.ts';
import type { CommandAnswer, TextAnswer } from '../../contract/probe.ts';
import { BenchError, PreconditionError } from '../../core/errors.ts';
import { keyValues } from '../../core/text.ts';

/** What is asked of a bridge; `name` and `interface` as in the task. */
export interface BridgeWish {
  readonly name: string;
  readonly interface: string;
}

const CONNECTIONS = '/etc/NetworkManager/system-connections';
export const UNMANAGED_FILE = '/etc/NetworkManager/conf.d/50-bench-guests.conf';

export function profilesOf({ name, interface: port }: BridgeWish) {
  return { bridge: `${CONNECTIONS}/${name}.nmconnection`, port: `${CONNECTIONS}/${name}-port-${port}.nmconnection` };
}

export function interfacesFile({ name }: BridgeWish): string {
  return `/etc/network/interfaces.d/${name}`;
}

/** Name of the timer, and of the service that it starts, which takes a bridge back. */
export function rollbackUnit({ name }: BridgeWish): string {
  return `bench-rollback-${name}`;
}

/** What is live: kernel's own view of bridge and port, and whether our own connection comes in over the port. */
const LIVE = `name=$1 port=$2 unit=$3
say() { printf '%s=%s\\n' "$1" "$2"; }
say nm "$(nmcli --version 2>/dev/null | sed 's/.* //')"
say ifupdown "$(command -v ifup)"
[ -d "/sys/class/net/$port" ] && say port yes
say master "$(basename "$(readlink "/sys/class/net/$port/master" 2>/dev/null)" 2>/dev/null)"
[ -d "/sys/class/net/$name" ] && say device yes
say stp "$(cat "/sys/class/net/$name/bridge/stp_state" 2>/dev/null)"
say up "$(cat "/sys/class/net/$name/flags" 2>/dev/null)"
say addresses "$(ip -o -4 addr show dev "$name" 2>/dev/null | awk '{printf "%s ", $4}')"
say timer "$(systemctl is-active "$unit.timer" 2>/dev/null)"
set -- $SSH_CONNECTION
[ -n "\${3:-}" ] && ip -o addr show dev "$port" 2>/dev/null | grep -qF " $3/" && say ours yes
:`;

export function bridgeProbes(wish: BridgeWish) {
  const { bridge, port } = profilesOf(wish);
  return [
    textOf(bridge),
    textOf(port),
    textOf(UNMANAGED_FILE),
    textOf(interfacesFile(wish)),
    askShell(LIVE, wish.name, wish.interface, rollbackUnit(wish)),
  ] as const;
}

export interface BridgeState {
  readonly provider:
    | { readonly kind: 'NetworkManager'; readonly version: readonly number[] }
    | { readonly kind: 'ifupdown' };
  readonly files: {
    readonly bridge: string | undefined;
    readonly port: string | undefined;
    readonly unmanaged: string | undefined;
    readonly interfaces: string | undefined;
  };
  readonly isPort: boolean;
  readonly hasPortDevice: boolean;
  readonly isUp: boolean;
  readonly stp: string | undefined;
  readonly addresses: readonly string[];
  /** The connection that asks comes in over the port. */
  readonly isOurWay: boolean;
  readonly isRollbackArmed: boolean;
}

const UP_FLAG = 1;

export function readBridge(
  [bridge, port, unmanaged, interfaces, live]: readonly [TextAnswer, TextAnswer, TextAnswer, TextAnswer, CommandAnswer],
  wish: BridgeWish,
): BridgeState {
  const told = keyValues(live.stdout);
  if (live.code !== 0 || !told.has('nm')) {
    throw new BenchError(
      'E_TOOL_OUTPUT',
      `the host did not tell its bridges: ${live.stderr.trim() || `exit code ${live.code}`}`,
    );
  }
  return {
    provider: providerOf(told),
    files: { bridge: bridge.text, port: port.text, unmanaged: unmanaged.text, interfaces: interfaces.text },
    isPort: told.get('master') === wish.name,
    hasPortDevice: told.get('port') === 'yes',
    isUp: (Number(told.get('up') || 0) & UP_FLAG) !== 0,
    stp: told.get('stp') || undefined,
    addresses: (told.get('addresses') ?? '').split(' ').filter((address) => address !== ''),
    isOurWay: told.get('ours') === 'yes',
    isRollbackArmed: told.get('timer') === 'active',
  };
}

function providerOf(told: ReadonlyMap<string, string>): BridgeState['provider'] {
  const version = told.get('nm');
  if (version) return { kind: 'NetworkManager', version: version.split('.').map(Number) };
  if (told.get('ifupdown')) return { kind: 'ifupdown' };
  throw new PreconditionError('neither NetworkManager nor ifupdown is here', 'install NetworkManager');
}
