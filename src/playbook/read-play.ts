import { posix } from 'node:path';
import type { MappingNode, YamlNode } from '../contract/yaml-node.ts';
import { nearest, suggest } from '../core/text.ts';
import { joinAttributes, NO_ATTRIBUTES } from './attributes.ts';
import { type Fields, readFields } from './fields.ts';
import type { Attributes, Play } from './play.ts';
import { describeNode } from './problems.ts';
import { readEntries, readHandlers } from './read-entries.ts';
import { openNamed, type Reading, type Surroundings } from './reading.ts';
import { textOf, textsOf } from './values.ts';
import { checkVariableNames } from './variable-names.ts';
import { tasksIn } from './walk.ts';

/** What import_playbook hands down to the plays of a file. */
export interface HandedDown {
  readonly file: string;
  readonly chain: readonly string[];
  readonly attributes: Attributes;
  readonly vars: MappingNode | undefined;
}

/** The plays of a file, those of imported files in the place of their imports. */
export function readPlays(node: YamlNode | undefined, from: HandedDown, reading: Reading): readonly Play[] {
  const { problems } = reading;
  if (!node) {
    const at = { file: from.file, line: 1, column: 1 };
    problems.report('E_EMPTY_PLAYBOOK', at, 'the playbook holds no play', 'write - hosts: all and, below it, tasks:');
    return [];
  }
  if (node.kind !== 'sequence') {
    const hint = node.kind === 'mapping' ? 'begin each play with "- "' : 'write - hosts: all and, below it, tasks:';
    problems.report('E_WRONG_TYPE', node.at, `a playbook is a list of plays, got ${describeNode(node)}`, hint);
    return [];
  }
  return node.items.flatMap((item) => {
    if (item.kind !== 'mapping') {
      problems.report('E_WRONG_TYPE', item.at, `expected a play, got ${describeNode(item)}`);
      return [];
    }
    if (item.entries.some(({ key }) => key === 'import_playbook')) return readImportedPlays(item, from, reading);
    return [readPlay(item, from, reading)];
  });
}

function readImportedPlays(mapping: MappingNode, from: HandedDown, reading: Reading): readonly Play[] {
  const { problems } = reading;
  const fields = readFields(mapping, 'import', problems);
  const node = fields.get('import_playbook');
  if (!node) return [];
  const name = textOf(node);
  if (name.text.includes('{{')) {
    problems.report('E_WRONG_VALUE', name.at, 'import_playbook is read before any variable is known', 'name the file');
    return [];
  }
  const opened = openNamed(name, { ...from, playDirectory: posix.dirname(from.file) }, reading);
  if (!opened) return [];
  const vars = fields.get('vars');
  if (vars?.kind === 'mapping') checkVariableNames(vars, problems);
  const withoutVars = new Map([...fields].filter(([key]) => key !== 'vars'));
  return readPlays(
    opened.node,
    {
      file: opened.file,
      chain: [...from.chain, opened.file],
      attributes: joinAttributes(from.attributes, withoutVars, problems),
      vars: joinVars(vars, from.vars),
    },
    reading,
  );
}

/** Variables of two mappings; `stronger` wins. */
function joinVars(weaker: YamlNode | undefined, stronger: MappingNode | undefined): MappingNode | undefined {
  if (weaker?.kind !== 'mapping') return stronger;
  if (!stronger) return weaker;
  const taken = new Set(stronger.entries.map(({ key }) => key));
  return { ...weaker, entries: [...weaker.entries.filter(({ key }) => !taken.has(key)), ...stronger.entries] };
}

function readPlay(mapping: MappingNode, from: HandedDown, reading: Reading): Play {
  const { problems } = reading;
  const fields = readPlayFields(mapping, reading);
  const hosts = fields.get('hosts');
  const vars = fields.get('vars');
  if (vars?.kind === 'mapping') checkVariableNames(vars, problems);
  const handedDown = new Map([...fields].filter(([key]) => key !== 'vars'));
  const around: Surroundings = {
    file: from.file,
    playDirectory: posix.dirname(from.file),
    chain: from.chain,
    attributes: joinAttributes(from.attributes, handedDown, problems),
    role: 'task',
  };
  const pattern = {
    text: textsOf(hosts)
      .map(({ text }) => text)
      .join(','),
    at: textsOf(hosts)[0]?.at ?? mapping.at,
  };
  if (hosts && pattern.text === '')
    problems.report('E_WRONG_VALUE', hosts.at, '"hosts" names nothing', 'write a group, a host or all');
  const name = fields.get('name');
  const play: Play = {
    name: name ? textOf(name).text : pattern.text,
    at: mapping.at,
    directory: around.playDirectory,
    hosts: pattern,
    vars: joinVars(vars, from.vars),
    varsFiles: textsOf(fields.get('vars_files')),
    ...readOrder(fields),
    anyErrorsFatal: isTrue(fields.get('any_errors_fatal'), false),
    maxFailPercentage: readPercentage(fields.get('max_fail_percentage'), reading),
    sections: {
      pre_tasks: readEntries(fields.get('pre_tasks'), around, reading),
      tasks: readEntries(fields.get('tasks'), around, reading),
      post_tasks: readEntries(fields.get('post_tasks'), around, reading),
    },
    handlers: readHandlers(fields.get('handlers'), around, reading),
  };
  checkNotify(play, reading);
  return play;
}

/** A play's keywords. A task that stands where a play has to is told once, whatever its keys are. */
function readPlayFields(mapping: MappingNode, { problems, modules }: Reading): Fields {
  const has = (name: string) => mapping.entries.some(({ key }) => key === name);
  const isTaskKey = (key: string) => modules.has(key) || ['block', 'include_tasks', 'import_tasks'].includes(key);
  const hint = 'tasks stand in a play: - hosts: all and, below it, tasks:';
  const fields = readFields(mapping, 'play', problems, ({ key, keyAt }) => {
    if (!isTaskKey(key)) return false;
    if (has('hosts'))
      problems.report('E_MISPLACED', keyAt, `"${key}" belongs to a task`, 'put it below "tasks:", after "- "');
    return true;
  });
  if (has('hosts')) return fields;
  const isMisspelt = mapping.entries.some(({ key }) => nearest(key, ['hosts']) !== undefined);
  if (mapping.entries.some(({ key }) => isTaskKey(key))) {
    problems.report('E_MISPLACED', mapping.at, 'a task stands where a play has to', hint);
  } else if (!isMisspelt) {
    problems.report('E_MISSING_KEY', mapping.at, 'the play says no hosts', 'add hosts: a group, a host or all');
  }
  return fields;
}

function readOrder(fields: Fields): Pick<Play, 'gatherFacts' | 'serial' | 'strategy' | 'order'> {
  const word = (key: string) => textsOf(fields.get(key))[0]?.text;
  const serial = fields.get('serial');
  const sizes = serial?.kind === 'sequence' ? serial.items : serial ? [serial] : [];
  return {
    gatherFacts: isTrue(fields.get('gather_facts'), true),
    serial: sizes.flatMap((node) =>
      node.kind === 'scalar' && (typeof node.value === 'number' || typeof node.value === 'string') ? [node.value] : [],
    ),
    strategy: word('strategy') === 'linear' ? 'linear' : 'free',
    order: ORDERS.find((order) => order === word('order')) ?? 'inventory',
  };
}

const ORDERS = ['inventory', 'reverse_inventory', 'sorted', 'reverse_sorted', 'shuffle'] as const;

function isTrue(node: YamlNode | undefined, otherwise: boolean): boolean {
  return node?.kind === 'scalar' && typeof node.value === 'boolean' ? node.value : otherwise;
}

function readPercentage(node: YamlNode | undefined, { problems }: Reading): number | undefined {
  if (node?.kind !== 'scalar' || typeof node.value !== 'number') return undefined;
  if (node.value >= 0 && node.value <= 100) return node.value;
  problems.report('E_WRONG_VALUE', node.at, `"max_fail_percentage" must lie between 0 and 100, got ${node.value}`);
  return undefined;
}

/** Every literal name in `notify` has to be a handler's name or one that a handler listens to. */
function checkNotify({ handlers, sections }: Play, { problems }: Reading): void {
  if (handlers.some(({ name }) => name.text.includes('{{'))) return;
  const known = new Set(handlers.flatMap(({ name, listen }) => [name.text, ...listen]));
  const entries = [...sections.pre_tasks, ...sections.tasks, ...sections.post_tasks];
  for (const task of [...entries.flatMap(tasksIn), ...handlers]) {
    for (const { text, at } of task.notify) {
      if (text.includes('{{') || known.has(text)) continue;
      const hint = known.size > 0 ? suggest(text, known) : 'the play has no handlers';
      problems.report('E_UNKNOWN_HANDLER', at, `no handler is named "${text}" or listens to it`, hint);
    }
  }
}

export const OUTERMOST: Pick<HandedDown, 'attributes' | 'vars'> = { attributes: NO_ATTRIBUTES, vars: undefined };
