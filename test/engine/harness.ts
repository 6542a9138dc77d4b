import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { systemClock } from '../../src/cli/clock.ts';
import { createLocalTransport } from '../../src/connection/local.ts';
import { createSession } from '../../src/connection/session.ts';
import type { Clock } from '../../src/contract/clock.ts';
import type { RunEvent, RunResult } from '../../src/contract/event.ts';
import type { Facts, FactsReader } from '../../src/contract/facts.ts';
import { type HostName, type Session, toHostName } from '../../src/contract/host.ts';
import { askShell, type Module } from '../../src/contract/module.ts';
import type { Outcome } from '../../src/contract/outcome.ts';
import { DiagnosticError } from '../../src/core/diagnostic.ts';
import { sha256 } from '../../src/core/digest.ts';
import type { EngineOptions } from '../../src/engine/options.ts';
import { runPlaybook } from '../../src/engine/run.ts';
import type { Inventory } from '../../src/inventory/inventory.ts';
import { loadInventory } from '../../src/inventory/load-inventory.ts';
import { modules } from '../../src/modules/index.ts';
import { loadPlaybook } from '../../src/playbook/load.ts';

/** What a test says about a run; every host of the inventory is this machine with a folder of its own, the variable `dir`. */
export interface Setup {
  /** Text of the playbook, or of several files by name: the first one is run. */
  readonly playbook: string | Readonly<Record<string, string>>;
  /** INI text; two hosts `a` and `b` in a group `both` where left out. */
  readonly inventory?: string;
  readonly modules?: readonly Module[];
  /** The host's session where it is not a real `sh`. */
  readonly session?: (host: HostName, real: Session) => Session;
  readonly engine?: Partial<EngineOptions>;
  /** Called with each event as it comes. */
  readonly onEvent?: (event: RunEvent) => unknown;
}

export interface Ran {
  readonly result: RunResult;
  readonly events: readonly RunEvent[];
  /** `host task: status` of every task that ended, in that order. */
  readonly log: readonly string[];
  /** Outcome of the last task of that name. */
  outcome(task: string, host?: string): Outcome;
  /** Notes of the last task of that name. */
  notes(task: string, host?: string): readonly string[];
  /** Everything of one kind that happened. */
  all<T extends RunEvent['type']>(type: T): readonly Typed<T>[];
  /** Content of a file in a host's folder; undefined when there is none. */
  read(name: string, host?: string): string | undefined;
  roundTrips(host?: string): number;
}

export const DEFAULT_INVENTORY = '[both]\na\nb\n';

const root = mkdtempSync(join(tmpdir(), 'bench-engine-'));
process.once('exit', () => rmSync(root, { recursive: true, force: true }));
let runs = 0;

export interface FakeClock extends Clock {
  /** The spans that were slept, in milliseconds. */
  readonly slept: readonly number[];
}

/** Time that passes only when somebody sleeps, and then at once. */
export function fakeClock(): FakeClock {
  const slept: number[] = [];
  let time = 1_000_000;
  return {
    slept,
    now: () => time,
    monotonicMs: () => time,
    async sleep(ms, signal) {
      signal.throwIfAborted();
      slept.push(ms);
      time += ms;
    },
  };
}

/** A play over all hosts without facts; `tasks` is indented as a list of its own. */
export function play(tasks: string, keywords = ''): string {
  const more = keywords === '' ? '' : `${indented(keywords.trim(), 2)}\n`;
  return `- hosts: all\n  gather_facts: false\n${more}  tasks:\n${indented(tasks, 4)}\n`;
}

function indented(text: string, width: number): string {
  const lines = text.split('\n');
  const shared = Math.min(...lines.filter((line) => line.trim() !== '').map((line) => line.search(/\S/)));
  return lines.map((line) => ' '.repeat(width) + line.slice(shared)).join('\n');
}

export interface TasksSetup extends Omit<Setup, 'playbook'> {
  /** Further keywords of the play, at the margin. */
  readonly keywords?: string;
}

/** Runs tasks on one host `a`, unless the inventory says otherwise. */
export function runTasks(tasks: string, more: TasksSetup = {}): Promise<Ran> {
  const { keywords, ...setup } = more;
  return run({ inventory: 'a\n', ...setup, playbook: play(tasks, keywords) });
}

export async function run(setup: Setup): Promise<Ran> {
  runs += 1;
  const folder = join(root, String(runs));
  const files = typeof setup.playbook === 'string' ? { 'site.yml': setup.playbook } : setup.playbook;
  const memory = new Map(Object.entries(files));
  const table = new Map((setup.modules ?? modules).map((module) => [module.name, module]));
  const readText = (path: string) => {
    const text = memory.get(relative('.', path));
    if (text === undefined) throw Object.assign(new Error(`no such file: ${path}`), { code: 'ENOENT' });
    return text;
  };
  const [main = ''] = memory.keys();
  const { playbook, diagnostics } = loadPlaybook(main, { readFile: readText, modules: table });
  if (!playbook || diagnostics.length > 0) throw new DiagnosticError(diagnostics);
  const inventory = withFolders(readInventory(setup.inventory ?? DEFAULT_INVENTORY), folder);

  const sessions = new Map<HostName, Session>();
  const connect = async (host: HostName): Promise<Session> => {
    const known = sessions.get(host);
    if (known) return known;
    const environment = { PATH: process.env['PATH'] ?? '', HOME: folder, BENCH_HOST: host };
    const real = createSession({ host, clock: systemClock, dial: async () => createLocalTransport(environment) });
    const session = setup.session?.(host, real) ?? real;
    sessions.set(host, session);
    return session;
  };

  const events: RunEvent[] = [];
  try {
    const result = await runPlaybook({
      playbook,
      inventory,
      modules: table,
      factsReader,
      connect,
      privilegeOf: () => ({
        login: 'login',
        become: false,
        becomeUser: 'root',
        sudo: (user) => ({ kind: 'sudo', user }),
      }),
      measureMigration: () => Promise.reject(new Error('no migration is measured here')),
      files: {
        readText,
        read: async (path) => new TextEncoder().encode(readText(path)),
        sizeOf: (path) => {
          const text = memory.get(relative('.', path));
          return text === undefined ? undefined : new TextEncoder().encode(text).length;
        },
        digestOf: async (path) => sha256(readText(path)),
        write: async (path, bytes) => void memory.set(relative('.', path), new TextDecoder().decode(bytes)),
      },
      emit: (event) => {
        events.push(event);
        setup.onEvent?.(event);
      },
      clock: systemClock,
      signal: new AbortController().signal,
      mode: 'apply',
      limit: undefined,
      tags: [],
      skipTags: [],
      extraVars: {},
      pace: 'ahead',
      forks: 50,
      startAtTask: undefined,
      confirm: undefined,
      resume: undefined,
      runVariables: {},
      random: () => 0.5,
      ...setup.engine,
    });
    return reportOf(result, events, folder, sessions);
  } finally {
    await Promise.all([...sessions.values()].map((session) => session.close()));
  }
}

function reportOf(
  result: RunResult,
  events: readonly RunEvent[],
  folder: string,
  sessions: ReadonlyMap<HostName, Session>,
): Ran {
  const finished = events.filter((event) => event.type === 'taskFinished');
  const last = (task: string, host: string) => {
    const found = finished.findLast((event) => event.task.name === task && event.host === host);
    if (!found) throw new Error(`no task "${task}" ended on ${host}; ended: ${finished.map(lineOf).join(', ')}`);
    return found;
  };
  return {
    result,
    events,
    log: finished.map(lineOf),
    outcome: (task, host = 'a') => last(task, host).outcome,
    notes: (task, host = 'a') => last(task, host).notes,
    all: (type) => events.filter(isOfType(type)),
    read(name, host = 'a') {
      try {
        return readFileSync(join(folder, host, name), 'utf8');
      } catch (thrown) {
        if (thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT') return undefined;
        throw thrown;
      }
    },
    roundTrips: (host = 'a') => sessions.get(toHostName(host))?.counters().roundTrips ?? 0,
  };
}

type Typed<T extends RunEvent['type']> = Extract<RunEvent, { readonly type: T }>;

function isOfType<T extends RunEvent['type']>(type: T): (event: RunEvent) => event is Typed<T> {
  return (event): event is Typed<T> => event.type === type;
}

function lineOf({ host, task, outcome }: Typed<'taskFinished'>): string {
  const isIgnored = (outcome.status === 'failed' || outcome.status === 'unreachable') && outcome.isIgnored;
  return `${host} ${task.name}: ${outcome.status}${isIgnored ? ' (ignored)' : ''}`;
}

function readInventory(text: string): Inventory {
  const { inventory, diagnostics } = loadInventory('hosts.ini', {
    readFile(path) {
      if (path === 'hosts.ini') return new TextEncoder().encode(text);
      throw Object.assign(new Error(path), { code: 'ENOENT' });
    },
    readDirectory(path) {
      throw Object.assign(new Error(path), { code: 'ENOENT' });
    },
  });
  if (diagnostics.length > 0) throw new DiagnosticError(diagnostics);
  return inventory;
}

function withFolders(inventory: Inventory, folder: string): Inventory {
  const hosts = [...inventory.hosts].map(([name, host]) => {
    const dir = join(folder, name);
    mkdirSync(dir, { recursive: true });
    return [name, { ...host, variables: new Map([...host.variables, ['dir', { value: dir, at: host.at }]]) }] as const;
  });
  return { ...inventory, hosts: new Map(hosts) };
}

/** Facts that no test depends on. */
export const someFacts: Facts = {
  hostname: '',
  os: { id: 'fedora', version: '43', name: 'Fedora Linux 43', family: 'fedora' },
  kernel: '6.17.1',
  architecture: 'x86_64',
  virtualization: { role: 'none', kind: 'none' },
  cpu: { model: 'model', count: 2, flags: [] },
  memory_mib: 4096,
  interfaces: [],
  default_ipv4: null,
  block_devices: [],
  init: 'systemd',
  selinux: 'disabled',
  boot_id: '0',
  package_manager: 'dnf',
  uptime_s: 1,
};

/** Facts of a host are its name and nothing else that tests depend on. */
const factsReader: FactsReader = {
  probes: [askShell('echo "$BENCH_HOST"')],
  read: ([answer]) => ({ ...someFacts, hostname: answer?.kind === 'command' ? answer.stdout.trim() : '' }),
};
