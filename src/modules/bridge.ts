import { z } from 'zod';
import { bytesOf, type Change, defineResource, run, runShell, type Step } from '../contract/module.ts';
import { PreconditionError } from '../core/errors.ts';
import { renderBridgeProfile, renderInterfaces, renderPortProfile, UNMANAGED_TEXT } from './parts/bridge-files.ts';
import {
  type BridgeState,
  bridgeProbes,
  interfacesFile,
  profilesOf,
  readBridge,
  rollbackUnit,
  UNMANAGED_FILE,
} from './parts/bridge-state.ts';

const device = z.string().regex(/^[A-Za-z][\w.-]{0,14}$/, 'not the name of a network device');

const params = z.strictObject({
  name: device.default('br0').describe('Name of the bridge.'),
  interface: device.meta({ description: 'Network card that becomes its port.', examples: ['eno1'] }),
  address: z
    .string()
    .regex(/^(dhcp|\d+(\.\d+){3}\/\d+)$/, 'ADDRESS/PREFIX, or dhcp')
    .optional()
    .meta({
      description: "The host's own address on the bridge, or `dhcp`. None when absent.",
      examples: ['10.0.0.11/24'],
    }),
  gateway: z
    .string()
    .regex(/^\d+(\.\d+){3}$/, 'not an IPv4 address')
    .optional()
    .describe('Default gateway.'),
  mtu: z.int().min(576).max(65_535).optional().describe('Largest packet. What the card has when absent.'),
  stage: z
    .enum(['tried', 'kept'])
    .default('tried')
    .describe(
      '`tried`: the bridge is made. Where our own connection comes in over the card, a timer takes it back. `kept`: the host was reached again, and the timer is stopped.',
    ),
  rollback_s: z.int().min(10).default(60).describe('After this many seconds without `kept` the bridge is taken back.'),
});

type Params = z.infer<typeof params>;

export const bridge = defineResource({
  name: 'bridge',
  summary: 'Have a bridge without STP over a network card, for guests to join.',
  params,
  example: '{ name: br0, interface: eno1, address: 10.0.0.11/24 }',
  notes:
    'NetworkManager keyfiles where NetworkManager is, else ifupdown (bridge-utils). STP is off and the forward delay 0: otherwise a guest that arrives is unreachable for 30 s. Use it as two tasks, `tried` and `kept`: that the second one reaches the host is the proof that the first one did no harm. ifupdown: not yet seen on a real host.',

  probe: (task) => bridgeProbes(task),
  read: (answers, task) => readBridge(answers, task),
  plan(state, task): readonly Change[] {
    if (task.stage === 'kept') return planKept(state, task);
    if (!state.hasPortDevice)
      throw new PreconditionError(`there is no network card "${task.interface}"`, 'bench facts INVENTORY lists them');
    const files = planFiles(state, task);
    if (files.length === 0 && isAsWished(state, task)) return [];
    const activate = {
      what: `bridge ${task.name}`,
      before: liveOf(state),
      after: wishedOf(task),
      steps: activateSteps(state, task),
    };
    const [first = activate, ...others] = [...files, activate];
    return [{ ...first, steps: [...(state.isOurWay ? [armStep(state, task)] : []), ...first.steps] }, ...others];
  },
});

function planKept(state: BridgeState, task: Params): readonly Change[] {
  if (!state.isRollbackArmed) return [];
  const unit = rollbackUnit(task);
  return [
    {
      what: `rollback of ${task.name}`,
      before: 'armed',
      after: undefined,
      steps: [run('systemctl', 'stop', `${unit}.timer`)],
    },
  ];
}

function planFiles(state: BridgeState, task: Params): readonly Change[] {
  const { files, provider } = state;
  const wish = { ...task, address: task.address, gateway: task.gateway, mtu: task.mtu };
  if (provider.kind === 'ifupdown')
    return fileChange(interfacesFile(task), files.interfaces, renderInterfaces(wish), 0o644);
  const { bridge: bridgeFile, port } = profilesOf(task);
  return [
    ...fileChange(UNMANAGED_FILE, files.unmanaged, UNMANAGED_TEXT, 0o644),
    ...fileChange(bridgeFile, files.bridge, renderBridgeProfile(wish, provider.version), 0o600),
    ...fileChange(port, files.port, renderPortProfile(wish, provider.version), 0o600),
  ];
}

function fileChange(path: string, before: string | undefined, after: string, mode: number): readonly Change[] {
  if (before === after) return [];
  const steps: readonly Step[] = [{ kind: 'write', path, content: bytesOf(after), mode }];
  return [{ what: `file ${path}`, before, after, isText: true, steps }];
}

/** With STP off the kernel forwards at once, whatever the forward delay says. */
function isAsWished(state: BridgeState, { address }: Params): boolean {
  const { addresses, isPort, isUp, stp } = state;
  const hasAddress = address === undefined || (address === 'dhcp' ? addresses.length > 0 : addresses.includes(address));
  return isPort && isUp && stp === '0' && hasAddress;
}

function liveOf(state: BridgeState): string | undefined {
  if (state.stp === undefined) return undefined;
  const stp = state.stp === '0' ? 'off' : 'on';
  return `${state.isUp ? 'up' : 'down'}, STP ${stp}, ${state.isPort ? 'with its port' : 'without its port'}, ${state.addresses.join(' ') || 'no address'}`;
}

function wishedOf({ address }: Params): string {
  return `up, STP off, with its port, ${address ?? 'no address'}`;
}

function activateSteps({ provider }: BridgeState, { name, interface: port }: Params): readonly Step[] {
  if (provider.kind === 'ifupdown') return [runShell('ifdown "$1" 2>/dev/null; ifup "$1"', name)];
  return [
    run('nmcli', 'general', 'reload', 'conf'),
    run('nmcli', 'connection', 'reload'),
    run('nmcli', '-w', '30', 'connection', 'up', name),
    run('nmcli', '-w', '30', 'connection', 'up', `${name}-port-${port}`),
  ];
}

/** The old files come back and the card gets its old address; runs when nobody has stopped its timer. */
function armStep({ provider, files }: BridgeState, task: Params): Step {
  const unit = rollbackUnit(task);
  const { bridge: bridgeFile, port } = profilesOf(task);
  const undo =
    provider.kind === 'ifupdown'
      ? `ifdown ${task.name}; rm -f ${interfacesFile(task)}; ifup ${task.interface}`
      : files.bridge === undefined
        ? `nmcli connection down ${task.name}; rm -f ${bridgeFile} ${port}; nmcli connection reload; nmcli -w 30 device connect ${task.interface}`
        : `cp -p ${bridgeFile}.bench-old ${bridgeFile}; cp -p ${port}.bench-old ${port}; nmcli connection reload; nmcli -w 30 connection up ${task.name}`;
  const keep =
    files.bridge === undefined
      ? ''
      : `cp -p ${bridgeFile} ${bridgeFile}.bench-old && cp -p ${port} ${port}.bench-old || exit 1\n`;
  const text = `${keep}systemctl stop "$1.timer" 2>/dev/null
systemd-run --quiet --collect --unit="$1" --on-active="$2" sh -c "$3"`;
  return runShell(text, unit, String(task.rollback_s), undo);
}
