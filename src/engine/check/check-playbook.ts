import type { HostName } from '../../contract/host.ts';
import type { Module } from '../../contract/module.ts';
import type { Diagnostic } from '../../core/diagnostic.ts';
import type { Inventory, Variable } from '../../inventory/inventory.ts';
import { selectHosts } from '../../inventory/pattern.ts';
import type { Play, Playbook } from '../../playbook/play.ts';
import { ProblemList } from '../../playbook/problems.ts';
import { entriesOf } from '../../playbook/walk.ts';
import { checkText } from '../../template/check-template.ts';
import { checkNode } from './check-references.ts';
import { checkEntry, checkTask, type TaskCheck } from './check-task.ts';
import { readVariableFiles, renderEarly, variablesOfPlay, variablesOfTasks } from './known-variables.ts';

export interface PlaybookCheck {
  readonly inventory: Inventory;
  readonly modules: ReadonlyMap<string, Module>;
  readonly extraVars: Readonly<Record<string, unknown>>;
  /** Text of a file; throws when it cannot be read, with `code` ENOENT when there is none. */
  readonly readFile: (path: string) => string;
  /** Whether a regular file stands there. Left out: whether it can be read, which is dear for images. */
  readonly isFile?: (path: string) => boolean;
}

/**
 * What is wrong with a playbook on this inventory, as far as it shows before any host is asked: templates and conditions
 * that cannot be read, variables, groups and hosts that there are not, files that are missing. Pure but for `readFile`.
 */
export function checkPlaybook(playbook: Playbook, options: PlaybookCheck): readonly Diagnostic[] {
  const problems = new ProblemList();
  const files = new Set(playbook.sources.keys());
  const ofTasks = variablesOfTasks(playbook);
  const check: TaskCheck = {
    problems,
    inventory: options.inventory,
    modules: options.modules,
    readFile: options.readFile,
    isFile: options.isFile ?? canRead(options.readFile),
    noteFile: (file) => files.add(file),
  };
  for (const play of playbook.plays) {
    const hosts = selectedHosts(play, options, problems);
    const ofFiles = readVariableFiles(play, options, problems);
    const known = variablesOfPlay(play, {
      ...options,
      hosts,
      ofTasks,
      ofFiles,
      lacksFiles: ofFiles.filter(({ node }) => node).length < play.varsFiles.length,
    });
    checkNode(play.vars, known, check);
    for (const { file, node } of ofFiles) {
      files.add(file);
      checkNode(node, known, check);
    }
    for (const entry of entriesOf(play)) checkEntry(entry, known, check);
    for (const handler of play.handlers) checkTask(handler, known, check);
  }
  checkInventoryTexts(options.inventory, problems);
  return problems.sorted(files);
}

/** Templates in the inventory's variables are looked at for their syntax alone: what nothing reads may miss anything. */
function checkInventoryTexts({ hosts }: Inventory, problems: ProblemList): void {
  const seen = new Set<Variable>();
  for (const { variables } of hosts.values()) {
    for (const variable of variables.values()) {
      if (typeof variable.value !== 'string' || seen.has(variable)) continue;
      seen.add(variable);
      for (const { code, at, message, hint } of checkText(variable.value, variable.at).diagnostics) {
        if (at) problems.report(code, at, message, hint);
      }
    }
  }
}

/** Hosts of a play; all of them where its pattern cannot be read. A pattern that means nothing is reported. */
function selectedHosts(
  play: Play,
  { inventory, extraVars }: PlaybookCheck,
  problems: ProblemList,
): readonly HostName[] {
  const pattern = play.hosts.text === '' ? undefined : renderEarly(play.hosts, extraVars, problems);
  if (pattern === undefined) return [...inventory.hosts.keys()];
  const { at } = play.hosts;
  const { hosts, diagnostics } = selectHosts(inventory, pattern, at);
  for (const { code, message, hint } of diagnostics) problems.report(code, at, message, hint);
  return hosts;
}

function canRead(readFile: (path: string) => string): (path: string) => boolean {
  return (path) => {
    try {
      readFile(path);
      return true;
    } catch {
      // Whatever the reason, the file is none that a task can use.
      return false;
    }
  };
}
