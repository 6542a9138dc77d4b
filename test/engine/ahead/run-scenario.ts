import type { RunEvent } from '../../../src/contract/event.ts';
import type { FactsReader } from '../../../src/contract/facts.ts';
import { type HostName, toHostName } from '../../../src/contract/host.ts';
import { ask, type Module } from '../../../src/contract/module.ts';
import { DiagnosticError } from '../../../src/core/diagnostic.ts';
import type { EngineOptions } from '../../../src/engine/options.ts';
import { runPlaybook } from '../../../src/engine/run.ts';
import { loadInventory } from '../../../src/inventory/load-inventory.ts';
import { loadPlaybook } from '../../../src/playbook/load.ts';
import type { Playbook } from '../../../src/playbook/play.ts';
import { fakeClock, someFacts } from '../harness.ts';
import type { Scenario } from './arbitrary-play.ts';
import { createSimulatedHost } from './simulated-host.ts';
import { toyModules } from './toy-modules.ts';

const table: ReadonlyMap<string, Module> = new Map(toyModules.map((module) => [module.name, module]));

const { inventory } = loadInventory('hosts.ini', {
  readFile: () => new TextEncoder().encode('a\nb\nz\n'),
  readDirectory: (path) => {
    throw Object.assign(new Error(path), { code: 'ENOENT' });
  },
});

const factsReader: FactsReader = {
  probes: [ask('cell', 'a')],
  read: ([answer]) => ({ ...someFacts, hostname: answer?.kind === 'command' ? answer.stdout : '' }),
};

/** What can be seen of a run: for each host what happened in its order, what it was told to do, and how it was left. */
export interface Seen {
  readonly hosts: Readonly<
    Record<string, { readonly events: readonly unknown[]; readonly log: readonly string[]; readonly cells: object }>
  >;
  readonly warnings: readonly string[];
  readonly result: unknown;
  readonly roundTrips: number;
}

export function load({ play, includes }: Scenario): Playbook {
  const files = new Map([
    ['site.yml', JSON.stringify([play])],
    ...Object.entries(includes).map(([name, tasks]) => [name, JSON.stringify(tasks)] as const),
  ]);
  const readFile = (path: string) => {
    const text = files.get(path);
    if (text === undefined) throw Object.assign(new Error(path), { code: 'ENOENT' });
    return text;
  };
  const { playbook, diagnostics } = loadPlaybook('site.yml', { readFile, modules: table });
  if (!playbook || diagnostics.length > 0) throw new DiagnosticError(diagnostics);
  return playbook;
}

export async function runScenario(scenario: Scenario, playbook: Playbook, pace: EngineOptions['pace']): Promise<Seen> {
  const hosts = new Map(
    ['a', 'b', 'z'].map((name) => {
      const host = toHostName(name);
      return [host, createSimulatedHost(host, scenario.cells, scenario.outside)] as const;
    }),
  );
  const hostOf = (name: HostName) => {
    const host = hosts.get(name);
    if (!host) throw new Error(`no host ${name}`);
    return host;
  };
  const events: RunEvent[] = [];
  const unused = () => Promise.reject(new Error('nobody reads files here'));
  const result = await runPlaybook({
    playbook,
    inventory,
    modules: table,
    factsReader,
    connect: async (host) => hostOf(host).session,
    privilegeOf: () => ({
      login: 'login',
      become: false,
      becomeUser: 'root',
      sudo: (user) => ({ kind: 'sudo', user }),
    }),
    measureMigration: unused,
    files: {
      readText: (path) => {
        throw new Error(path);
      },
      read: unused,
      sizeOf: () => undefined,
      digestOf: unused,
      write: unused,
    },
    emit: (event) => void events.push(event),
    clock: fakeClock(),
    signal: new AbortController().signal,
    mode: scenario.mode,
    limit: undefined,
    tags: [],
    skipTags: [],
    extraVars: {},
    pace,
    forks: 50,
    startAtTask: undefined,
    confirm: undefined,
    resume: undefined,
    runVariables: {},
    random: () => 0.5,
  });
  return {
    hosts: Object.fromEntries(
      [...hosts].map(([name, { cells, log }]) => [
        name,
        {
          events: events.filter((event) => 'host' in event && event.host === name).flatMap(comparable),
          log,
          cells: Object.fromEntries([...cells].sort()),
        },
      ]),
    ),
    warnings: events.flatMap((event) => (event.type === 'warning' ? [event.message] : [])),
    result,
    roundTrips: [...hosts.values()].reduce((sum, { session }) => sum + session.counters().roundTrips, 0),
  };
}

function comparable(event: RunEvent): readonly unknown[] {
  if (event.type === 'taskOutput' || event.type === 'hostConnected') return [];
  if (event.type === 'taskFinished') {
    const { elapsedMs: _, task, ...rest } = event;
    return [{ ...rest, task: task.name }];
  }
  return 'task' in event ? [{ ...event, task: event.task.name }] : [event];
}
