import type { RunMode } from '../contract/event.ts';
import { type HostName, type Privilege, toHostName } from '../contract/host.ts';
import type { YamlNode } from '../contract/yaml-node.ts';
import { DiagnosticError } from '../core/diagnostic.ts';
import { parseDurationMs } from '../core/duration.ts';
import { suggest } from '../core/text.ts';
import type { Attributes } from '../playbook/play.ts';
import { renderNode } from '../template/render.ts';
import { unlessMistaken } from './failure.ts';
import type { EngineOptions } from './options.ts';
import type { Scope } from './scope.ts';

/** A task's keywords with their values on one host. */
export interface TaskSettings {
  readonly mode: RunMode;
  /** False under `no_log`. */
  readonly isShown: boolean;
  readonly ignoresErrors: boolean;
  readonly ignoresUnreachable: boolean;
  readonly isFatalForAll: boolean;
  readonly limitMs: number | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** The host that the task talks to. */
  readonly target: HostName;
  privilegeOf(host: HostName): Privilege;
  /** The same for two items of a loop that can share a frame. */
  readonly frameKey: string;
}

export function readSettings(
  attributes: Attributes,
  host: HostName,
  scope: Scope,
  options: EngineOptions,
): TaskSettings {
  const flag = (node: YamlNode | undefined) => readFlag(node, scope);
  const become = flag(attributes.become);
  const becomeUser = readText(attributes.become_user, scope);
  const mode = (flag(attributes.check_mode) ?? options.mode === 'check') ? 'check' : 'apply';
  const limitMs = readSpanMs(attributes.timeout, scope);
  const environment = readEnvironment(attributes.environment, scope);
  const target = readTarget(attributes.delegate_to, host, scope, options);
  const privilegeOf = (name: HostName): Privilege => {
    const rights = options.privilegeOf(name);
    const user = becomeUser ?? rights.becomeUser;
    return (become ?? rights.become) && user !== rights.login ? rights.sudo(user) : { kind: 'login' };
  };
  const privilege = privilegeOf(target);
  return {
    mode,
    isShown: flag(attributes.no_log) !== true,
    ignoresErrors: flag(attributes.ignore_errors) === true,
    ignoresUnreachable: flag(attributes.ignore_unreachable) === true,
    isFatalForAll: flag(attributes.any_errors_fatal) === true,
    // 0 is Ansible's word for no limit.
    limitMs: limitMs === 0 ? undefined : limitMs,
    environment,
    target,
    privilegeOf,
    frameKey: frameKeyOf({ mode, limitMs, environment, target, privilege }),
  };
}

interface Shared {
  readonly mode: RunMode;
  readonly limitMs: number | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly target: HostName;
  readonly privilege: Privilege;
}

/** The same for what can share a frame. */
export function frameKeyOf({ mode, limitMs, environment, target, privilege }: Shared): string {
  return JSON.stringify([mode, limitMs, environment, target, privilege.kind === 'sudo' && privilege.user]);
}

/** Whether anything of a task may be shown. Where its `no_log` cannot be read (or only for an item), nothing is. */
export function isShown(attributes: Attributes, scope: Scope): boolean {
  return unlessMistaken(() => readFlag(attributes.no_log, scope) !== true, false);
}

export function isRunOnce(attributes: Attributes, scope: Scope): boolean {
  return readFlag(attributes.run_once, scope) === true;
}

function readFlag(node: YamlNode | undefined, scope: Scope): boolean | undefined {
  if (!node) return undefined;
  const value = renderNode(node, scope);
  if (typeof value === 'boolean') return value;
  if (value === 'true' || value === 'false') return value === 'true';
  throw wrongValue(node, 'true or false', value);
}

function readText(node: YamlNode | undefined, scope: Scope): string | undefined {
  if (!node) return undefined;
  const value = renderNode(node, scope);
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  throw wrongValue(node, 'a text', value);
}

export function readCount(node: YamlNode | undefined, scope: Scope): number | undefined {
  if (!node) return undefined;
  const value = renderNode(node, scope);
  const count = typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
  if (Number.isInteger(count) && count >= 0) return count;
  throw wrongValue(node, 'a whole number that is not negative', value);
}

export function readSpanMs(node: YamlNode | undefined, scope: Scope): number | undefined {
  if (!node) return undefined;
  const value = renderNode(node, scope);
  const ms = typeof value === 'number' || typeof value === 'string' ? parseDurationMs(value) : undefined;
  if (ms !== undefined) return ms;
  throw wrongValue(node, 'seconds, or a text such as "90s" or "10m"', value);
}

function readEnvironment(nodes: readonly YamlNode[], scope: Scope): Readonly<Record<string, string>> {
  const environment: Record<string, string> = {};
  for (const node of nodes) {
    const value = renderNode(node, scope);
    if (value === null || typeof value !== 'object') throw wrongValue(node, 'names with values', value);
    for (const [name, item] of Object.entries(value)) {
      if (item !== null && typeof item === 'object') throw wrongValue(node, `a text as ${name}`, item);
      environment[name] = item === null ? '' : String(item);
    }
  }
  return environment;
}

function readTarget(node: YamlNode | undefined, host: HostName, scope: Scope, options: EngineOptions): HostName {
  const name = readText(node, scope);
  if (name === undefined || node === undefined) return host;
  const target = findHost(name, options);
  if (target !== undefined) return target;
  const hint = suggest(name, options.inventory.hosts.keys());
  throw new DiagnosticError([
    {
      code: 'E_UNKNOWN_HOST',
      at: node.at,
      message: `delegate_to names "${name}", which is no host of the inventory`,
      hint,
    },
  ]);
}

/** A host by its name: of the inventory, or `localhost`, which is the controller where the inventory does not say otherwise. */
export function findHost(name: string, { inventory }: EngineOptions): HostName | undefined {
  const host = toHostName(name);
  return inventory.hosts.has(host) || name === 'localhost' ? host : undefined;
}

function wrongValue(node: YamlNode, expected: string, got: unknown): DiagnosticError {
  const message = `expected ${expected}, got ${JSON.stringify(got)}`;
  return new DiagnosticError([{ code: 'E_WRONG_VALUE', at: node.at, message }]);
}
