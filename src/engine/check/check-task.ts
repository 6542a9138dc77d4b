import { toHostName } from '../../contract/host.ts';
import type { Input, Module } from '../../contract/module.ts';
import type { ScalarNode, YamlNode } from '../../contract/yaml-node.ts';
import { messageOf } from '../../core/errors.ts';
import { suggest } from '../../core/text.ts';
import type { Attributes, Entry, IncludeEntry, TaskEntry } from '../../playbook/play.ts';
import { type ParameterNotes, visitNoted } from '../../playbook/schema.ts';
import { checkTemplateFile, checkText } from '../../template/check-template.ts';
import { checkExpression, checkNode, checkReferences, type ReferenceCheck } from './check-references.ts';
import { findInput, inputCandidates } from './inputs.ts';
import { type KnownVariables, withNames } from './known-variables.ts';

export interface TaskCheck extends ReferenceCheck {
  readonly modules: ReadonlyMap<string, Module>;
  readonly readFile: (path: string) => string;
  readonly isFile: (path: string) => boolean;
  /** Called with each further file that problems may stand in. */
  readonly noteFile: (file: string) => void;
}

export function checkEntry(entry: Entry, known: KnownVariables, check: TaskCheck): void {
  if (entry.kind === 'task') checkTask(entry, known, check);
  else if (entry.kind === 'include') checkInclude(entry, known, check);
  else if (entry.kind === 'meta') checkAttributes(entry.attributes, withVars(entry.attributes, known), check);
  else for (const inner of [...entry.block, ...entry.rescue, ...entry.always]) checkEntry(inner, known, check);
}

function checkInclude(entry: IncludeEntry, known: KnownVariables, check: TaskCheck): void {
  const outside = withVars(entry.attributes, known);
  const inside = withLoop(entry, outside);
  checkNode(entry.loop, outside, check);
  checkNode(entry.loopControl.label, inside, check);
  checkNode(entry.loopControl.pause, inside, check);
  checkAttributes(entry.attributes, inside, check);
  checkReferences(checkText(entry.file.text, entry.file.at), inside, check);
  for (const inner of entry.entries ?? []) checkEntry(inner, inside, check);
}

export function checkTask(task: TaskEntry, known: KnownVariables, check: TaskCheck): void {
  const outside = withVars(task.attributes, known);
  const inside = withLoop(task, outside);
  checkReferences(checkText(task.name.text, task.name.at), inside, check);
  checkNode(task.loop, outside, check);
  for (const node of [task.loopControl.label, task.loopControl.pause, task.retries, task.delay])
    checkNode(node, inside, check);
  checkAttributes(task.attributes, inside, check);
  for (const condition of [...task.until, ...task.changedWhen, ...task.failedWhen])
    checkExpression(condition, 'boolean', inside, check);
  for (const { text, at } of task.notify) checkReferences(checkText(text, at), inside, check);
  checkParameters(task, inside, check);
}

function withVars({ vars }: Attributes, known: KnownVariables): KnownVariables {
  return vars.length === 0
    ? known
    : withNames(
        known,
        vars.flatMap(({ entries }) => entries.map(({ key }) => key)),
      );
}

function withLoop(
  { loop, loopControl }: Pick<TaskEntry, 'loop' | 'loopControl'>,
  known: KnownVariables,
): KnownVariables {
  if (!loop) return known;
  return withNames(known, [
    loopControl.loop_var,
    ...(loopControl.index_var === undefined ? [] : [loopControl.index_var]),
  ]);
}

function checkAttributes(attributes: Attributes, known: KnownVariables, check: TaskCheck): void {
  const { when, tags: _tags, vars, environment, ...single } = attributes;
  for (const condition of when) checkExpression(condition, 'boolean', known, check);
  for (const node of [...vars, ...environment, ...Object.values(single)]) checkNode(node, known, check);
  const target = attributes.delegate_to;
  if (target?.kind !== 'scalar' || typeof target.value !== 'string' || target.value.includes('{{')) return;
  const { inventory, problems } = check;
  if (!inventory.hosts.has(toHostName(target.value))) {
    problems.report(
      'E_UNKNOWN_HOST',
      target.at,
      `the inventory has no host "${target.value}"`,
      target.value === 'localhost' ? LOCALHOST : suggest(target.value, inventory.hosts.keys()),
    );
  }
}

const LOCALHOST = 'add a line to the inventory: localhost ansible_connection=local';

/** Parameters: templates in all of them; conditions and files where the module says that they are such. */
function checkParameters(task: TaskEntry, known: KnownVariables, check: TaskCheck): void {
  const module = check.modules.get(task.module);
  const expressions = new Set<YamlNode>();
  if (module) {
    visitNoted(module.params, task.args, (notes, node) => {
      if (!isLiteral(node)) return;
      if (notes.syntax === 'cel' && !expressions.has(node)) {
        expressions.add(node);
        checkExpression({ text: node.value, at: node.at }, 'anything', known, check);
      }
      checkFile(notes, node, task, known, check);
    });
  }
  checkNode(task.args, known, check);
}

type TextNode = ScalarNode & { readonly value: string };

function isLiteral(node: YamlNode): node is TextNode {
  return node.kind === 'scalar' && typeof node.value === 'string' && !node.value.includes('{{');
}

function checkFile(
  { file }: ParameterNotes,
  node: TextNode,
  task: TaskEntry,
  known: KnownVariables,
  check: TaskCheck,
): void {
  if (file !== 'file' && file !== 'template') return;
  const kind: Input['kind'] = file;
  const found = findInput(node.value, kind, task.directory, check.isFile);
  if (found === undefined) {
    const looked = inputCandidates(node.value, kind, task.directory).join(', ');
    check.problems.report(
      'E_NO_FILE',
      node.at,
      `there is no ${kind} "${node.value}" for this task`,
      `looked for ${looked}`,
    );
  } else if (kind === 'template') checkTemplate(found, node, known, check);
}

function checkTemplate(file: string, node: TextNode, known: KnownVariables, check: TaskCheck): void {
  let text: string;
  try {
    text = check.readFile(file);
  } catch (thrown) {
    check.problems.report('E_NO_FILE', node.at, `cannot read "${file}": ${messageOf(thrown)}`);
    return;
  }
  check.noteFile(file);
  checkReferences(checkTemplateFile(text, file), known, check);
}
