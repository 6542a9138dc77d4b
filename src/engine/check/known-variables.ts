import { posix } from 'node:path';
import type { HostName } from '../../contract/host.ts';
import { parseYaml } from '../../contract/parse-yaml.ts';
import { locateTexts } from '../../contract/text-pieces.ts';
import type { LocatedText, YamlNode } from '../../contract/yaml-node.ts';
import { DiagnosticError } from '../../core/diagnostic.ts';
import { messageOf } from '../../core/errors.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import type { Entry, Play, Playbook } from '../../playbook/play.ts';
import type { ProblemList } from '../../playbook/problems.ts';
import { MAGIC_VARIABLES } from '../../playbook/variable-names.ts';
import { entriesOf } from '../../playbook/walk.ts';
import { renderText } from '../../template/render.ts';

/** Names that may be read at some place. */
export interface KnownVariables {
  readonly names: ReadonlySet<string>;
  /** More names may come, from a file whose name is known only later: nothing can be called undefined. */
  readonly isOpen: boolean;
}

/** What a `rescue` can read beside everything else. */
const RESCUE_VARIABLES = ['ansible_failed_task', 'ansible_failed_result'];

/** Names that tasks give to what they register or set, anywhere in a playbook: a later play may read them. */
export function variablesOfTasks({ plays }: Playbook): KnownVariables {
  const names = new Set<string>();
  let isOpen = false;
  const visit = (entry: Entry): void => {
    if (entry.kind === 'block') for (const inner of [...entry.block, ...entry.rescue, ...entry.always]) visit(inner);
    if (entry.kind === 'include') {
      if (!entry.entries) isOpen = true;
      for (const inner of entry.entries ?? []) visit(inner);
    }
    if (entry.kind !== 'task') return;
    if (entry.register !== undefined) names.add(entry.register);
    if (entry.module === 'set_fact') for (const { key } of entry.args.entries) names.add(key);
  };
  for (const play of plays) for (const entry of [...entriesOf(play), ...play.handlers]) visit(entry);
  return { names, isOpen };
}

/** Everything that is known in a whole play. */
export function variablesOfPlay(
  play: Play,
  from: {
    readonly inventory: Inventory;
    readonly hosts: readonly HostName[];
    readonly extraVars: Readonly<Record<string, unknown>>;
    readonly ofTasks: KnownVariables;
    readonly ofFiles: readonly VariableFile[];
    /** Not every file of variables could be read. */
    readonly lacksFiles: boolean;
  },
): KnownVariables {
  const names = new Set([
    ...MAGIC_VARIABLES,
    ...RESCUE_VARIABLES,
    ...Object.keys(from.extraVars),
    ...from.ofTasks.names,
  ]);
  for (const host of from.hosts)
    for (const name of from.inventory.hosts.get(host)?.variables.keys() ?? []) names.add(name);
  for (const { key } of play.vars?.entries ?? []) names.add(key);
  for (const { node } of from.ofFiles) if (node?.kind === 'mapping') for (const { key } of node.entries) names.add(key);
  return { names, isOpen: from.ofTasks.isOpen || from.lacksFiles };
}

export interface VariableFile {
  readonly file: string;
  readonly node: YamlNode | undefined;
}

/**
 * A text that is needed before there is a host: the hosts of a play, the names of its vars_files. Only extra variables are
 * known there. Undefined when it cannot be rendered; that is reported.
 */
export function renderEarly(
  { text, at }: LocatedText,
  extraVars: Readonly<Record<string, unknown>>,
  problems: ProblemList,
): string | undefined {
  try {
    return renderText(text, at, extraVars);
  } catch (thrown) {
    if (!(thrown instanceof DiagnosticError)) throw thrown;
    for (const { code, at: place = at, message, hint } of thrown.diagnostics) {
      const isUnknown = code === 'E_UNDEFINED_VARIABLE';
      const early = 'only extra variables are known here: --extra-vars name=value';
      problems.report(code, place, message, isUnknown ? early : hint);
    }
    return undefined;
  }
}

/** The play's vars_files, read and parsed; what is wrong with them is reported. */
export function readVariableFiles(
  play: Play,
  {
    readFile,
    extraVars,
  }: { readonly readFile: (path: string) => string; readonly extraVars: Readonly<Record<string, unknown>> },
  problems: ProblemList,
): readonly VariableFile[] {
  return play.varsFiles.flatMap((located) => {
    const rendered = renderEarly(located, extraVars, problems);
    if (rendered === undefined) return [];
    const name = { text: rendered, at: located.at };
    const file = posix.isAbsolute(name.text) ? name.text : posix.join(play.directory, name.text);
    const text = readText(file, name, readFile, problems);
    if (text === undefined) return [];
    const { node, diagnostics } = parseYaml(text, file);
    problems.addYaml(diagnostics);
    if (node && node.kind !== 'mapping') {
      problems.report(
        'E_WRONG_TYPE',
        node.at,
        `a file of variables is a mapping, got a ${node.kind === 'sequence' ? 'list' : 'text'}`,
        'write name: value',
      );
    }
    return [{ file, node: node && locateTexts(node, text.split(/\r?\n/)) }];
  });
}

function readText(
  file: string,
  { text, at }: LocatedText,
  readFile: (path: string) => string,
  problems: ProblemList,
): string | undefined {
  try {
    return readFile(file);
  } catch (thrown) {
    const isAbsent = thrown instanceof Error && 'code' in thrown && thrown.code === 'ENOENT';
    problems.report(
      'E_NO_FILE',
      at,
      isAbsent ? `there is no file "${text}"` : `cannot read "${text}": ${messageOf(thrown)}`,
      `looked for ${file}`,
    );
    return undefined;
  }
}

/** The same with more names. */
export function withNames(known: KnownVariables, more: Iterable<string>): KnownVariables {
  return { ...known, names: new Set([...known.names, ...more]) };
}
