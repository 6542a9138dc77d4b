import { z } from 'zod';
import { bytesOf, type Change, defineResource, run, runShell, type Step } from '../contract/module.ts';
import { PreconditionError } from '../core/errors.ts';
import { renderBridgeProfile, renderInterfaces, renderPortProfile, UNMANAGED_TEXT } from './parts/bridge-files.ts';
import { isAsWished, liveOf, wishedOf } from './parts/bridge-live.ts';
import { assertFree } from './parts/bridge-refusals.ts';
import { armCheckpointStep, armTimerStep, disarmStep } from './parts/bridge-rollback.ts';
import {
  type BridgeState,
  bridgeProbes,
  interfacesFile,
  profilesOf,
  readBridge,
  UNMANAGED_FILE,
} from './parts/bridge-state.ts';

const device = z.string().regex(/^[A-Za-z][\w.-]{0,14}$/, 'not the name of a network device');

const params = z
  .strictObject({
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
    rollback_s: z
      .int()
      .min(10)
      .default(60)
      .describe('After this many seconds without `kept` the bridge is taken back.'),
  })
  .refine(({ address, gateway }) => gateway === undefined || (address !== undefined && address !== 'dhcp'), {
    path: ['gateway'],
    message: 'a gateway needs an address with its prefix',
  });

type Params = z.infer<typeof params>;

export const bridge = defineResource({
  name: 'bridge',
  summary: 'Have a bridge without STP over a network card, for guests to join.',
  params,
  example: '{ name: br0, interface: eno1, address: 10.0.0.11/24 }',
  notes:
    'NetworkManager keyfiles where NetworkManager runs, else ifupdown (bridge-utils). STP is off and the forward delay 0: otherwise a guest that arrives is unreachable for 30 s. Use it as two tasks, `tried` and `kept`: that the second one reaches the host is the proof that the first one did no harm. Under NetworkManager the way back is one of its checkpoints, which also knows addresses that no file describes. Registers `addresses` and `rollback_armed`. ifupdown: not yet seen on a real host.',
  isSlow: true,

  probe: (task) => bridgeProbes(task),
  read: (answers, task) => readBridge(answers, task),
  plan(state, task): readonly Change[] {
    if (!state.hasPortDevice)
      throw new PreconditionError(`there is no network card "${task.interface}"`, 'bench facts INVENTORY lists them');
    if (task.stage === 'kept') return planKept(state, task);
    assertFree(state, task);
    const files = planFiles(state, task);
    if (files.length === 0 && isAsWished(state, task))
      return state.rollback === 'expired' ? [rollbackChange('was carried out', task.name)] : [];
    const activate = {
      what: `bridge ${task.name}`,
      before: liveOf(state),
      after: wishedOf(task),
      steps: activateSteps(state, task),
    };
    const [first = activate, ...others] = [...files, activate];
    return [{ ...first, steps: [...firstSteps(state, task), ...first.steps] }, ...others];
  },
  result: ({ addresses, rollback }) => ({ addresses, rollback_armed: rollback === 'armed' }),
});

/** A rollback of an earlier try is forgotten: it says nothing about this one. */
function firstSteps(state: BridgeState, task: Params): readonly Step[] {
  if (state.isOurWay) return [armStep(state, task)];
  return state.rollback === 'expired' ? [disarmStep(task.name)] : [];
}

function planKept({ isPort, rollback }: BridgeState, { name, interface: port }: Params): readonly Change[] {
  if (rollback === 'expired') {
    throw new PreconditionError(
      `the change of ${name} was taken back: nobody came in time to keep it`,
      'is the address right and to be reached from here? where it only takes longer, give a greater rollback_s; then run "tried" again',
    );
  }
  if (!isPort) throw new PreconditionError(`${port} is no port of ${name}`, 'run the stage "tried" right before');
  return rollback === 'armed' ? [rollbackChange('armed', name)] : [];
}

function rollbackChange(before: string, name: string): Change {
  return { what: `rollback of ${name}`, before, after: undefined, steps: [disarmStep(name)] };
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

function activateSteps({ provider }: BridgeState, { name, interface: port }: Params): readonly Step[] {
  if (provider.kind === 'ifupdown') return [runShell('ifdown "$1" 2>/dev/null; ifup "$1"', name)];
  return [
    run('nmcli', 'general', 'reload', 'conf'),
    run('nmcli', 'connection', 'reload'),
    run('nmcli', '-w', '30', 'connection', 'up', name),
    run('nmcli', '-w', '30', 'connection', 'up', `${name}-port-${port}`),
  ];
}

function armStep({ provider }: BridgeState, task: Params): Step {
  const { name, interface: port, rollback_s: seconds } = task;
  if (provider.kind === 'NetworkManager') return armCheckpointStep(name, port, seconds);
  return armTimerStep(name, seconds, `ifdown ${name}; rm -f ${interfacesFile(task)}; ifup ${port}`);
}
