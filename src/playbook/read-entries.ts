import { posix } from 'node:path';
import type { LocatedText, MappingNode, YamlNode } from '../contract/yaml-node.ts';
import { joinAttributes } from './attributes.ts';
import { type Fields, readFields } from './fields.ts';
import type { Entry, IncludeEntry, MetaEntry, TaskEntry } from './play.ts';
import { describeNode } from './problems.ts';
import { readLoop, readTask } from './read-task.ts';
import { openNamed, type Reading, type Surroundings } from './reading.ts';
import { textOf } from './values.ts';

/** A list of tasks, blocks, imports and includes. Imports leave their tasks in its place. */
export function readEntries(node: YamlNode | undefined, around: Surroundings, reading: Reading): readonly Entry[] {
  if (!node || (node.kind === 'scalar' && node.value === null)) return [];
  if (node.kind !== 'sequence') {
    const hint = node.kind === 'mapping' ? 'begin each task with "- "' : undefined;
    reading.problems.report('E_WRONG_TYPE', node.at, `expected a list of tasks, got ${describeNode(node)}`, hint);
    return [];
  }
  return node.items.flatMap((item) => readEntry(item, around, reading));
}

function readEntry(node: YamlNode, around: Surroundings, reading: Reading): readonly Entry[] {
  const { problems } = reading;
  if (node.kind !== 'mapping') {
    problems.report(
      'E_WRONG_TYPE',
      node.at,
      `expected a task, got ${describeNode(node)}`,
      'write - name: … and, below it, a module',
    );
    return [];
  }
  const has = (key: string) => node.entries.some((entry) => entry.key === key);
  const isPlain = around.role === 'task';
  if (has('hosts') && (has('tasks') || has('import_playbook'))) {
    problems.report(
      'E_MISPLACED',
      node.at,
      'a play cannot stand in a list of tasks',
      'import a file with plays by import_playbook, beside the plays',
    );
    return [];
  }
  if (has('import_tasks')) return readImport(node, around, reading);
  if (isPlain && (has('block') || has('rescue') || has('always'))) return readBlock(node, around, reading);
  if (isPlain && has('include_tasks')) return readInclude(node, around, reading);
  if (isPlain && has('meta')) return readMeta(node, around, reading);
  const strange = ['block', 'include_tasks', 'meta'].find(has);
  if (strange !== undefined) {
    problems.report(
      'E_MISPLACED',
      node.at,
      `"${strange}" cannot be a handler`,
      'a handler is one task; several handlers may listen to one name',
    );
    return [];
  }
  const task = readTask(node, around, reading);
  return task ? [task] : [];
}

function readBlock(mapping: MappingNode, around: Surroundings, reading: Reading): readonly Entry[] {
  const { problems } = reading;
  const fields = readFields(mapping, 'block', problems);
  if (!mapping.entries.some(({ key }) => key === 'block')) {
    problems.report(
      'E_MISSING_KEY',
      mapping.at,
      '"rescue" and "always" belong to a "block"',
      'add block: a list of tasks',
    );
  }
  const inner = { ...around, attributes: joinAttributes(around.attributes, fields, problems) };
  const name = fields.get('name');
  const part = (key: string) => readEntries(fields.get(key), inner, reading);
  return [
    {
      kind: 'block',
      name: name && textOf(name).text,
      at: mapping.at,
      block: part('block'),
      rescue: part('rescue'),
      always: part('always'),
    },
  ];
}

function readMeta(mapping: MappingNode, around: Surroundings, { problems }: Reading): readonly MetaEntry[] {
  const fields = readFields(mapping, 'meta', problems);
  const action = ACTIONS.find((word) => word === (fields.get('meta') && textOf(fields.get('meta') ?? mapping).text));
  if (!action) return [];
  return [{ kind: 'meta', action, at: mapping.at, attributes: joinAttributes(around.attributes, fields, problems) }];
}

const ACTIONS = ['flush_handlers', 'end_play', 'end_host', 'noop'] as const;

/** `import_tasks`: its keywords are handed down to each task of the file. */
function readImport(mapping: MappingNode, around: Surroundings, reading: Reading): readonly Entry[] {
  const { problems } = reading;
  const fields = readFields(mapping, 'include', problems);
  for (const entry of mapping.entries.filter(({ key }) => key === 'loop' || key === 'loop_control')) {
    problems.report(
      'E_UNKNOWN_KEY',
      entry.keyAt,
      `"${entry.key}" does not belong to import_tasks`,
      'use include_tasks: it is decided when the run gets there',
    );
  }
  const node = fields.get('import_tasks');
  const imported = node && readIncluded(node, 'import_tasks', reading);
  if (!imported) return [];
  const { file } = imported;
  if (file.text.includes('{{')) {
    problems.report('E_WRONG_VALUE', file.at, 'import_tasks is read before any variable is known', 'use include_tasks');
    return [];
  }
  return readNamed(file, { ...around, attributes: joinAttributes(around.attributes, fields, problems) }, reading) ?? [];
}

/** Entries of a file of tasks; undefined when it cannot be used. */
function readNamed(name: LocatedText, around: Surroundings, reading: Reading): readonly Entry[] | undefined {
  const opened = openNamed(name, around, reading);
  if (!opened) return undefined;
  return readEntries(opened.node, { ...around, file: opened.file, chain: [...around.chain, opened.file] }, reading);
}

/**
 * `include_tasks`: as with Ansible its `when`, `tags` and `become` are its own, and what stands around it is handed down;
 * `apply` gives keywords to the tasks.
 */
function readInclude(mapping: MappingNode, around: Surroundings, reading: Reading): readonly IncludeEntry[] {
  const { problems } = reading;
  const fields = readFields(mapping, 'include', problems);
  const value = fields.get('include_tasks');
  const included = value && readIncluded(value, 'include_tasks', reading);
  if (!included) return [];
  const attributes = joinAttributes(around.attributes, fields, problems);
  const inherited = included.apply ? joinAttributes(around.attributes, included.apply, problems) : around.attributes;
  const name = fields.get('name');
  const { file } = included;
  const isLiteral = !file.text.includes('{{');
  return [
    {
      kind: 'include',
      name: name ? textOf(name) : file,
      at: mapping.at,
      directory: posix.dirname(around.file),
      file,
      attributes,
      inherited,
      ...readLoop(mapping, fields, reading),
      entries: isLiteral ? (readNamed(file, { ...around, attributes: inherited }, reading) ?? []) : undefined,
    },
  ];
}

function readIncluded(
  node: YamlNode,
  keyword: 'import_tasks' | 'include_tasks',
  { problems }: Reading,
): { readonly file: LocatedText; readonly apply: Fields | undefined } | undefined {
  if (node.kind === 'scalar' && typeof node.value === 'string' && node.value !== '') {
    return { file: textOf(node), apply: undefined };
  }
  if (node.kind !== 'mapping') {
    problems.report('E_WRONG_TYPE', node.at, `"${keyword}" must be the name of a file, got ${describeNode(node)}`);
    return undefined;
  }
  let file: LocatedText | undefined;
  let apply: Fields | undefined;
  for (const { key, keyAt, value } of node.entries) {
    if (key === 'file' && value.kind === 'scalar' && typeof value.value === 'string') file = textOf(value);
    else if (key === 'apply' && value.kind === 'mapping' && keyword === 'include_tasks') {
      apply = readFields(value, 'block', problems);
    } else {
      const known = keyword === 'include_tasks' ? 'known: file, apply' : 'known: file; other keywords stand beside it';
      problems.report('E_UNKNOWN_KEY', keyAt, `unknown keyword "${key}" of ${keyword}`, known);
    }
  }
  if (!file) problems.report('E_MISSING_KEY', node.at, `${keyword} names no file`, 'add file: a name');
  return file && { file, apply };
}

/** Handlers, imported ones included. */
export function readHandlers(node: YamlNode | undefined, around: Surroundings, reading: Reading): readonly TaskEntry[] {
  const entries = readEntries(node, { ...around, role: 'handler' }, reading);
  const handlers = entries.flatMap((entry) => (entry.kind === 'task' ? [entry] : []));
  const named = new Map<string, TaskEntry>();
  for (const handler of handlers) {
    const { text, at } = handler.name;
    const first = named.get(text);
    if (first && handler.name.text !== handler.module) {
      const message = `two handlers are named "${text}"; the first stands in line ${first.name.at.line}`;
      reading.problems.report('E_DUPLICATE_HANDLER', at, message, 'give both one "listen" to run both');
    }
    named.set(text, handler);
    if (text === handler.module && handler.listen.length === 0) {
      reading.problems.report(
        'E_MISSING_KEY',
        handler.at,
        'nothing can notify a handler without a name',
        'add name: a text',
      );
    }
  }
  return handlers;
}
