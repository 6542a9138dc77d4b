import { homedir, userInfo } from 'node:os';
import { createConnector } from '../connection/connect.ts';
import { type HostTarget, targetOf } from '../connection/target.ts';
import type { Connect, HostName } from '../contract/host.ts';
import { DiagnosticError } from '../core/diagnostic.ts';
import { Masker, Secret } from '../core/secret.ts';
import type { HostPrivilege } from '../engine/options.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { isSecretName } from '../inventory/secret-name.ts';
import { checkKeys, type KeyedHost } from './check-keys.ts';
import { systemClock } from './clock.ts';

/** What a command of bench talks to hosts with. */
export interface Controller {
  readonly connect: Connect;
  readonly privilegeOf: (host: HostName) => HostPrivilege;
  /** Knows every secret of the inventory. */
  readonly masker: Masker;
  /** Throws what is wrong with the private keys that these hosts are reached with, before anything is connected. */
  assertKeys(hosts: Iterable<HostName>): Promise<void>;
  close(): Promise<void>;
}

/** Passwords that were typed for this run. */
export interface AskedPasswords {
  readonly ssh?: Secret;
  readonly become?: Secret;
}

/** Reads how each host is reached. Throws what its variables get wrong, for all hosts at once. */
export function createController(
  inventory: Inventory,
  extraVars: Readonly<Record<string, unknown>> = {},
  asked: AskedPasswords = {},
): Controller {
  const targets = new Map<HostName, HostTarget>();
  const keyed = new Map<HostName, KeyedHost>();
  for (const host of inventory.hosts.values()) {
    const variables = new Map(host.variables);
    for (const [name, value] of Object.entries(extraVars)) variables.set(name, { value, at: host.at });
    const found = targetOf(host.name, variables);
    const { target } = found;
    targets.set(
      host.name,
      target.kind === 'ssh' && asked.ssh ? { ...found, target: { password: asked.ssh, ...target } } : found,
    );
    keyed.set(host.name, { host: host.name, found, variables });
  }
  const diagnostics = [...targets.values()].flatMap((target) => target.diagnostics);
  if (diagnostics.length > 0) throw new DiagnosticError(diagnostics);

  const { username } = userInfo();
  const connector = createConnector({
    targetOf: (host) => targets.get(host)?.target ?? { kind: 'local' },
    environment: {
      home: homedir(),
      user: username,
      ...(process.env['SSH_AUTH_SOCK'] && { agentSocket: process.env['SSH_AUTH_SOCK'] }),
      variables: definedOnly(process.env),
    },
    clock: systemClock,
  });
  return {
    connect: connector.connect,
    privilegeOf: (host) => privilegeOf(targets.get(host), username, asked.become),
    masker: maskerFor(inventory, extraVars, asked),
    async assertKeys(hosts) {
      const mistakes = await checkKeys([...hosts].flatMap((host) => keyed.get(host) ?? []));
      if (mistakes.length > 0) throw new DiagnosticError(mistakes);
    },
    close: () => connector.closeAll(),
  };
}

function privilegeOf(found: HostTarget | undefined, ownUser: string, asked: Secret | undefined): HostPrivilege {
  const { target, become = {} } = found ?? {};
  const password = asked ?? become.password;
  return {
    login:
      target?.kind === 'ssh' ? (target.user ?? ownUser) : target?.kind === 'docker' ? (target.user ?? 'root') : ownUser,
    become: become.isOn ?? false,
    becomeUser: become.user ?? 'root',
    sudo: (user) => ({ kind: 'sudo', user, ...(password && { password }) }),
  };
}

function maskerFor(inventory: Inventory, extraVars: Readonly<Record<string, unknown>>, asked: AskedPasswords): Masker {
  const masker = new Masker();
  for (const secret of [asked.ssh, asked.become]) if (secret) masker.add(secret.reveal());
  const note = (name: string, value: unknown) => {
    if (value instanceof Secret) masker.add(value.reveal());
    else if (isSecretName(name) && (typeof value === 'string' || typeof value === 'number')) masker.add(String(value));
  };
  for (const { variables } of inventory.hosts.values()) for (const [name, { value }] of variables) note(name, value);
  for (const [name, value] of Object.entries(extraVars)) note(name, value);
  return masker;
}

function definedOnly(environment: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}
