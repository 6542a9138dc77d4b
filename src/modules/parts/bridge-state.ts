import { askShell, textOf } from '../../contract/module.ts';
import type { CommandAnswer, TextAnswer } from '../../contract/probe.ts';
import { BenchError, PreconditionError } from '../../core/errors.ts';
import { keyValues } from '../../core/text.ts';
import { askRollback, type Rollback, readRollback } from './bridge-rollback.ts';
import { wordsOf } from './word-list.ts';

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

export const INTERFACES = '/etc/network/interfaces';

export function interfacesFile({ name }: BridgeWish): string {
  return `/etc/network/interfaces.d/${name}`;
}

/** What is live: the kernel's own view of bridge and card, and whether our own connection comes in over one of them. */
const LIVE = `name=$1 port=$2
say() { printf '%s=%s\\n' "$1" "$2"; }
say nm "$(nmcli --version 2>/dev/null | sed 's/.* //')"
say nm_runs "$(nmcli -t -f RUNNING general 2>/dev/null)"
say ifupdown "$(command -v ifup)"
[ -d "/sys/class/net/$port" ] && say port yes
[ -d "/sys/class/net/$name" ] && say device yes
say master "$(basename "$(readlink "/sys/class/net/$port/master" 2>/dev/null)" 2>/dev/null)"
say stp "$(cat "/sys/class/net/$name/bridge/stp_state" 2>/dev/null)"
say up "$(cat "/sys/class/net/$name/flags" 2>/dev/null)"
say mtu "$(cat "/sys/class/net/$name/mtu" 2>/dev/null)"
say port_mtu "$(cat "/sys/class/net/$port/mtu" 2>/dev/null)"
say addresses "$(ip -o -4 addr show dev "$name" 2>/dev/null | awk '{printf "%s ", $4}')"
say gateways "$(ip -4 route show default dev "$name" 2>/dev/null | awk '{printf "%s ", $3}')"
pid=$$ way=
while [ -z "$way" ] && [ "\${pid:-1}" -gt 1 ]; do
  way=$(tr '\\0' '\\n' <"/proc/$pid/environ" 2>/dev/null | sed -n 's/^SSH_CONNECTION=//p')
  pid=$(sed -n 's/^PPid:[^0-9]*//p' "/proc/$pid/status" 2>/dev/null)
done
set -- $way
[ -n "\${3:-}" ] && for device in "$port" "$name"; do
  ip -o addr show dev "$device" 2>/dev/null | grep -qF " $3/" && say ours yes
done
:`;

export function bridgeProbes(wish: BridgeWish) {
  const { bridge, port } = profilesOf(wish);
  return [
    textOf(bridge),
    textOf(port),
    textOf(UNMANAGED_FILE),
    textOf(interfacesFile(wish)),
    textOf(INTERFACES),
    askShell(LIVE, wish.name, wish.interface),
    askRollback(wish.name),
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
    /** ifupdown's main file. */
    readonly main: string;
  };
  /** Name of the bridge that the card is a port of. */
  readonly master: string | undefined;
  readonly isPort: boolean;
  readonly hasPortDevice: boolean;
  readonly isUp: boolean;
  readonly stp: string | undefined;
  readonly mtu: number;
  readonly portMtu: number;
  readonly addresses: readonly string[];
  readonly gateways: readonly string[];
  /** The connection that asks comes in over the card or the bridge. */
  readonly isOurWay: boolean;
  readonly rollback: Rollback;
}

const UP_FLAG = 1;

export function readBridge(
  [bridge, port, unmanaged, interfaces, main, live, rollback]: readonly [
    TextAnswer,
    TextAnswer,
    TextAnswer,
    TextAnswer,
    TextAnswer,
    CommandAnswer,
    CommandAnswer,
  ],
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
    files: {
      bridge: bridge.text,
      port: port.text,
      unmanaged: unmanaged.text,
      interfaces: interfaces.text,
      main: main.text ?? '',
    },
    master: told.get('master') || undefined,
    isPort: told.get('master') === wish.name,
    hasPortDevice: told.get('port') === 'yes',
    isUp: (Number(told.get('up') || 0) & UP_FLAG) !== 0,
    stp: told.get('stp') || undefined,
    mtu: Number(told.get('mtu')),
    portMtu: Number(told.get('port_mtu')),
    addresses: wordsOf(told.get('addresses') ?? ''),
    gateways: wordsOf(told.get('gateways') ?? ''),
    isOurWay: told.get('ours') === 'yes',
    rollback: readRollback(rollback),
  };
}

function providerOf(told: ReadonlyMap<string, string>): BridgeState['provider'] {
  const version = told.get('nm');
  if (version && told.get('nm_runs') === 'running')
    return { kind: 'NetworkManager', version: version.split('.').map(Number) };
  if (told.get('ifupdown')) return { kind: 'ifupdown' };
  if (version)
    throw new PreconditionError(
      'NetworkManager does not run',
      'service: { name: NetworkManager.service, state: started }',
    );
  throw new PreconditionError('neither NetworkManager nor ifupdown is here', 'install NetworkManager');
}
