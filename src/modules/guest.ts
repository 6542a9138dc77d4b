import type { GuestState } from '../contract/hypervisor.ts';
import { bytesOf, type Change, defineResource, run, runShell, textOf } from '../contract/module.ts';
import { PreconditionError } from '../core/errors.ts';
import { linesOf } from '../core/text.ts';
import { readWhereabouts, type Whereabouts, whereaboutsProbe } from '../hypervisor/xen/peers.ts';
import { configOf, guestParams } from './parts/guest-params.ts';

const GONE = `n=0
while xl list "$1" >/dev/null 2>&1; do
  n=$((n + 1)); [ "$n" -le 300 ] || { echo "$1 is still listed after 60 s" >&2; exit 1; }
  sleep 0.2
done`;

export const guest = defineResource({
  name: 'guest',
  summary: 'Keep a Xen guest running, stopped or absent, with its configuration on the host of the task.',
  params: guestParams,
  example:
    '{ name: g1, memory_mib: 512, address: 10.0.0.101/24, disk: /dev/disk/by-path/ip-10.0.0.10:3260-iscsi-iqn.2026-11.lab.bench:guests-lun-1, observer: "10.0.0.10:7707", peers: [xen2] }',
  notes:
    'A guest that runs on one of `peers` is running: a run after a migration changes nothing. A peer that cannot be asked is a failure, because a guest that is started twice destroys its disk. A guest whose configuration changes is shut down and made anew where it is here.',
  isSlow: true,

  probe: ({ name, peers }) => [textOf(configPath(name)), whereaboutsProbe(name, peers)],

  read([config, answer], { name }) {
    const found = readWhereabouts(answer);
    const where = found?.peers.find(({ guests }) => guests.some((state) => state.name === name))?.peer;
    return { config: config.text, found, where, message: linesOf(answer.stderr).at(-1) ?? '' };
  },

  plan({ config, found, where, message }, task) {
    const { name, state } = task;
    if (!found)
      throw new PreconditionError(
        `xl list does not work here: ${message || 'no message'}`,
        'cat /sys/hypervisor/type: is this host booted into Xen?',
      );
    const here = found.here.find((other) => other.name === name);
    if (state === 'absent')
      return [...(here ? [destroyed(here)] : []), ...(config === undefined ? [] : [removed(name, config)])];
    if (state === 'stopped') return here && here.run !== 'shutdown' ? [shutDown(usable(here))] : [];

    const wanted = configOf(task);
    if (here) {
      if (here.run === 'shutdown' || here.run === 'dying')
        return [...written(name, config, wanted), created(name, here.run)];
      usable(here);
      if (config === wanted) return [];
      return [
        ...written(name, config, wanted),
        {
          ...created(name, 'running with another configuration'),
          steps: [run('xl', 'shutdown', '-w', name), runShell(GONE, name), create(name)],
        },
      ];
    }
    if (where !== undefined) {
      if (config !== undefined && config !== wanted) {
        throw new PreconditionError(
          `${name} runs on ${where} with another configuration than the one asked for`,
          `migrate it back, or run xl shutdown -w ${name} on ${where}`,
        );
      }
      return written(name, config, wanted);
    }
    assertNowhere(name, found);
    return [...written(name, config, wanted), created(name, undefined)];
  },

  result: ({ found, where }, { name }) => {
    const here = found?.here.find((other) => other.name === name);
    return { name, running_on: here ? 'here' : (where ?? 'nowhere'), id: here?.id ?? null };
  },
});

/** Refuses to start a guest while it may be somewhere already, whole or in part. */
function assertNowhere(name: string, { here, peers, silent }: Whereabouts): void {
  const [mute] = silent;
  if (mute)
    throw new PreconditionError(
      `${mute.peer} does not say whether ${name} runs there: ${mute.reason}`,
      `ssh root@${mute.peer} xl list, from this host`,
    );
  const all = [...here, ...peers.flatMap(({ guests }) => guests)];
  const left = all.find(({ leftover }) => leftover?.of === name);
  if (left)
    throw new PreconditionError(
      `${left.name} is left over from a migration (${left.run}, id ${left.id})`,
      `look at both hosts: xl destroy ${left.name} where it is not needed any more`,
    );
}

function usable(state: GuestState): GuestState {
  if (state.run === 'running' || state.run === 'rebooting') return state;
  throw new PreconditionError(
    `${state.name} is ${state.run} (id ${state.id})`,
    state.run === 'paused' ? `xl unpause ${state.name}` : `xl destroy ${state.name} once it has been looked at`,
  );
}

function configPath(name: string): string {
  return `/etc/xen/bench/${name}.cfg`;
}

function create(name: string) {
  return run('xl', 'create', configPath(name));
}

function written(name: string, before: string | undefined, after: string): readonly Change[] {
  if (before === after) return [];
  const path = configPath(name);
  return [
    {
      what: path,
      before,
      after,
      isText: true,
      steps: [run('mkdir', '-p', '/etc/xen/bench'), { kind: 'write', path, content: bytesOf(after), mode: 0o644 }],
    },
  ];
}

function removed(name: string, before: string): Change {
  return { what: configPath(name), before, after: undefined, isText: true, steps: [run('rm', '-f', configPath(name))] };
}

function created(name: string, before: string | undefined): Change {
  return { what: `guest ${name}`, before, after: 'running', steps: [runShell(GONE, name), create(name)] };
}

function shutDown({ name }: GuestState): Change {
  return {
    what: `guest ${name}`,
    before: 'running',
    after: 'stopped',
    steps: [run('xl', 'shutdown', '-w', name), runShell(GONE, name)],
  };
}

function destroyed({ name, run: state }: GuestState): Change {
  return { what: `guest ${name}`, before: state, after: undefined, steps: [run('xl', 'destroy', name)] };
}
