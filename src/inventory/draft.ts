import { isDeepStrictEqual } from 'node:util';
import { type HostName, toHostName } from '../contract/host.ts';
import type { Diagnostic, Position } from '../core/diagnostic.ts';
import type { Variable } from './inventory.ts';
import { isSecretName } from './secret-name.ts';

/** Hosts that one inventory may have; a range can name billions in a dozen characters. */
export const MOST_HOSTS = 100_000;

/** What a file says about a group so far. */
export interface DraftGroup {
  readonly name: string;
  /** First place where it is named. */
  readonly at: Position;
  /** Whether a section `[name]` or `[name:children]` makes it. */
  isDefined: boolean;
  readonly hosts: Set<HostName>;
  /** Children with the places where they are named. */
  readonly children: Map<string, Position>;
  readonly variables: Map<string, Variable>;
}

export interface DraftHost {
  readonly name: HostName;
  readonly at: Position;
  readonly variables: Map<string, Variable>;
}

/** An inventory file as far as it was read: not yet checked as a whole. */
export interface Draft {
  readonly file: string;
  readonly groups: Map<string, DraftGroup>;
  readonly hosts: Map<HostName, DraftHost>;
  readonly diagnostics: Diagnostic[];
  readonly warnings: Diagnostic[];
}

export function newDraft(file: string): Draft {
  const draft: Draft = { file, groups: new Map(), hosts: new Map(), diagnostics: [], warnings: [] };
  for (const name of ['all', 'ungrouped']) draftGroup(draft, name, { file, line: 1, column: 1 }).isDefined = true;
  return draft;
}

/** The group of that name, made when it is new. */
export function draftGroup(draft: Draft, name: string, at: Position): DraftGroup {
  const known = draft.groups.get(name);
  if (known) return known;
  const group = { name, at, isDefined: false, hosts: new Set<HostName>(), children: new Map(), variables: new Map() };
  draft.groups.set(name, group);
  return group;
}

/** The host of that name, made when it is new. */
export function draftHost(draft: Draft, name: string, at: Position): DraftHost {
  const host = toHostName(name);
  const known = draft.hosts.get(host);
  if (known) return known;
  const made = { name: host, at, variables: new Map() };
  draft.hosts.set(host, made);
  return made;
}

/** Sets a variable; a second, different value for it in the same file is a mistake. */
export function setVariable(draft: Draft, owner: DraftGroup | DraftHost, name: string, variable: Variable): void {
  const known = owner.variables.get(name);
  if (!known) {
    owner.variables.set(name, variable);
    return;
  }
  if (isDeepStrictEqual(known.value, variable.value)) return;
  draft.diagnostics.push({
    code: 'E_INVENTORY_CONTRADICTION',
    at: variable.at,
    message: `${owner.name} has another value for ${name} in line ${known.at.line}`,
    hint: isSecretName(name)
      ? 'remove one of the two'
      : `remove one of the two: ${JSON.stringify(known.value)} or ${JSON.stringify(variable.value)}`,
  });
}
