import { dirname, resolve } from 'node:path';
import { type HostName, toHostName } from '../contract/host.ts';
import type { YamlNode } from '../contract/yaml-node.ts';
import type { Variables } from '../inventory/inventory.ts';
import type { Play } from '../playbook/play.ts';
import type { EngineOptions } from './options.ts';
import {
  computedLayer,
  createScope,
  type Layer,
  type LayerValue,
  NotYetKnown,
  nodeLayer,
  type Scope,
  toNode,
  valueLayer,
} from './scope.ts';
import type { HostState } from './state.ts';

/** Where variables come from, beside the task itself; see `scopeFor` for their order. */
export interface VariableSources {
  readonly options: EngineOptions;
  readonly states: ReadonlyMap<HostName, HostState>;
  readonly play: Play;
  readonly playHosts: readonly HostName[];
  /** What the play's vars_files say to each host, once they were read for it; later ones are stronger. */
  readonly varsFiles: Map<HostName, readonly YamlNode[]>;
  /** Called when what other tasks and hosts decide is read before its time; it cannot be had then. */
  readonly onPending?: () => void;
}

/**
 * The variables of a host in a play, the strongest first. `near` are those that stand closest to the task (of an include,
 * of a rescue), `task` its own and its blocks' `vars`, outer ones first. As in Ansible, from the weakest: inventory, facts,
 * play vars, vars_files, block and task vars, set_fact and register, include vars, extra vars. A loop's variables and a
 * task's own result, which `executeTask` puts before these, are stronger than all.
 */
export function layersFor(
  sources: VariableSources,
  host: HostName,
  task: readonly YamlNode[] = [],
  near: readonly Layer[] = [],
): readonly Layer[] {
  const { options, play, varsFiles } = sources;
  const state = sources.states.get(host);
  return [
    magicLayer(sources, host),
    valueLayer(options.extraVars),
    ...near,
    state?.registered ?? new Map(),
    nodeLayer(...task),
    nodeLayer(...(varsFiles.get(host) ?? [])),
    ...(play.vars ? [nodeLayer(play.vars)] : []),
    ...(state?.facts ? [valueLayer({ facts: state.facts })] : []),
    inventoryLayer(options, host),
  ];
}

/** The same as one scope. */
export function scopeFor(
  sources: VariableSources,
  host: HostName,
  task: readonly YamlNode[] = [],
  near: readonly Layer[] = [],
): Scope {
  return createScope(layersFor(sources, host, task, near));
}

const inventoryLayers = new WeakMap<Variables, Layer>();

function inventoryLayer(options: EngineOptions, host: HostName): Layer {
  const variables = options.inventory.hosts.get(host)?.variables;
  if (!variables) return new Map();
  let layer = inventoryLayers.get(variables);
  if (!layer) {
    layer = new Map(
      [...variables].map(([name, { value, at }]): [string, LayerValue] => [
        name,
        holdsTemplate(value) ? { kind: 'node', node: toNode(value, at) } : { kind: 'value', value },
      ]),
    );
    inventoryLayers.set(variables, layer);
  }
  return layer;
}

function holdsTemplate(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('{{');
  return value !== null && typeof value === 'object' && Object.values(value).some(holdsTemplate);
}

function magicLayer(sources: VariableSources, host: HostName): Layer {
  const { options, play, playHosts, states } = sources;
  const { inventory } = options;
  const assertDue = (name: string) => {
    sources.onPending?.();
    if (sources.onPending) throw new NotYetKnown(name);
  };
  const hostsLeft = (name: string) => {
    assertDue(name);
    return playHosts.filter((host) => !states.get(host)?.end);
  };
  return computedLayer({
    inventory_hostname: () => host,
    inventory_hostname_short: () => host.split('.')[0],
    inventory_file: () => resolve(inventory.file),
    inventory_dir: () => dirname(resolve(inventory.file)),
    playbook_dir: () => resolve(play.directory),
    group_names: () => inventory.hosts.get(host)?.groups ?? [],
    groups: () => groupMembers(options),
    hostvars() {
      assertDue('hostvars');
      return hostVariables(sources);
    },
    play_hosts: () => hostsLeft('play_hosts'),
    ansible_play_hosts: () => hostsLeft('ansible_play_hosts'),
    ansible_check_mode: () => options.mode === 'check',
    bench: () => options.runVariables,
  });
}

const membersOf = new WeakMap<object, Readonly<Record<string, readonly string[]>>>();

/** Every group with all its hosts, also those of its children, in the inventory's order. */
function groupMembers({ inventory }: EngineOptions): Readonly<Record<string, readonly string[]>> {
  let members = membersOf.get(inventory);
  if (!members) {
    const hosts = [...inventory.hosts.values()];
    members = Object.fromEntries(
      [...inventory.groups.keys()].map((group) => [
        group,
        hosts.filter((host) => group === 'all' || host.groups.includes(group)).map((host) => String(host.name)),
      ]),
    );
    membersOf.set(inventory, members);
  }
  return members;
}

/** `hostvars`: each host's variables as far as they do not depend on a play. */
function hostVariables(sources: VariableSources): Scope {
  const { options, states } = sources;
  return createScope([
    computedLayer(
      Object.fromEntries(
        [...options.inventory.hosts.keys()].map((name) => [
          name,
          () => {
            const host = toHostName(name);
            const state = states.get(host);
            return createScope([
              magicLayer(sources, host),
              valueLayer(options.extraVars),
              state?.registered ?? new Map(),
              ...(state?.facts ? [valueLayer({ facts: state.facts })] : []),
              inventoryLayer(options, host),
            ]);
          },
        ]),
      ),
    ),
  ]);
}
