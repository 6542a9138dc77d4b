import type { RunMode } from '../contract/event.ts';
import { type HostName, type Privilege, toHostName } from '../contract/host.ts';
import type { YamlNode } from '../contract/yaml-node.ts';
import { DiagnosticError } from '../core/diagnostic.ts';
import { parseDurationMs } from '../core/duration.ts';
import { suggest } from '../core/text.ts';
import type { Attributes } from '../playbook/play.ts';
import { renderNode } from '../template/render.ts';
import type { EngineOptions } from './options.ts';
import type { Scope } from './scope.ts';

/** A task's keywords with their values on one host. */
export interface TaskSettings {
  readonly mode: RunMode;
  readonly isLogged: boolean;
  readonly ignoresErrors: boolean;
  readonly ignoresUnreachable: boolean;
  readonly isFatalForAll: boolean;
  readonly limitMs: number | undefined;
  readonly environment: Readonly<Record<string, string>>;
  /** The host that the task talks to. */
  readonly target: HostName;
  privilegeOf(host: HostName): Privilege;
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
  const checkMode = flag(attributes.check_mode);
  return {
    mode: (checkMode ?? options.mode === 'check') ? 'check' : 'apply',
    isLogged: flag(attributes.no_log) !== true,
    ignoresErrors: flag(attributes.ignore_errors) === true,
    ignoresUnreachable: flag(attributes.ignore_unreachable) === true,
    isFatalForAll: flag(attributes.any_errors_fatal) === true,
    limitMs: readLimit(attributes.timeout, scope),
    environment: readEnvironment(attributes.environment, scope),
    target: readTarget(attributes.delegate_to, host, scope, options),
    privilegeOf(name) {
      const rights = options.privilegeOf(name);
      const user = becomeUser ?? rights.becomeUser;
      return (become ?? rights.become) && user !== rights.login ? rights.sudo(user) : { kind: 'login' };
    },
  };
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

export function readNumber(node: YamlNode | undefined, scope: Scope): number | undefined {
  if (!node) return undefined;
  const value = Number(renderNode(node, scope));
  if (Number.isFinite(value) && value >= 0) return value;
  throw wrongValue(node, 'a number that is not negative', renderNode(node, scope));
}

export function readLimit(node: YamlNode | undefined, scope: Scope): number | undefined {
  if (!node) return undefined;
  const value = renderNode(node, scope);
  const ms = typeof value === 'number' || typeof value === 'string' ? parseDurationMs(value) : undefined;
  if (ms === undefined) throw wrongValue(node, 'seconds, or a text such as "90s" or "10m"', value);
  return ms === 0 ? undefined : ms;
}

function readEnvironment(nodes: readonly YamlNode[], scope: Scope): Readonly<Record<string, string>> {
  const environment: Record<string, string> = {};
  for (const node of nodes) {
    const value = renderNode(node, scope);
    if (value === null || typeof value !== 'object') throw wrongValue(node, 'names with values', value);
    for (const [name, item] of Object.entries(value)) environment[name] = String(item);
  }
  return environment;
}

function readTarget(node: YamlNode | undefined, host: HostName, scope: Scope, options: EngineOptions): HostName {
  const name = readText(node, scope);
  if (name === undefined || node === undefined) return host;
  const target = toHostName(name);
  if (options.inventory.hosts.has(target)) return target;
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

function wrongValue(node: YamlNode, expected: string, got: unknown): DiagnosticError {
  const message = `expected ${expected}, got ${JSON.stringify(got)}`;
  return new DiagnosticError([{ code: 'E_WRONG_VALUE', at: node.at, message }]);
}
