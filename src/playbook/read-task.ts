import { posix } from 'node:path';
import type { MappingEntry, MappingNode, YamlNode } from '../contract/yaml-node.ts';
import { nearest } from '../core/text.ts';
import { conditionsOf, joinAttributes } from './attributes.ts';
import { checkParams } from './check-params.ts';
import { type Fields, readFields, reportUnknownKey } from './fields.ts';
import { hintForForeign, KEYWORDS_BY_NAME, keywordsOf } from './keywords.ts';
import { readArgs } from './module-args.ts';
import type { TaskEntry } from './play.ts';
import type { Reading, Surroundings } from './reading.ts';
import { textOf, textsOf } from './values.ts';
import { checkVariableNames } from './variable-names.ts';

/** A task or handler; undefined when it calls nothing. What is wrong is reported. */
export function readTask(mapping: MappingNode, around: Surroundings, reading: Reading): TaskEntry | undefined {
  const { problems, modules } = reading;
  const calls: MappingEntry[] = [];
  const strangers: MappingEntry[] = [];
  const fields = readFields(mapping, around.role, problems, (entry) => {
    if (modules.has(entry.key)) calls.push(entry);
    else if (KEYWORDS_BY_NAME.has(entry.key) || hintForForeign(entry.key) !== undefined) return false;
    else strangers.push(entry);
    return true;
  });
  const [call, second] = calls;
  for (const stranger of strangers) reportStranger(stranger, { hasCall: call !== undefined, around, reading });
  if (second && call) {
    const message = `a task calls one module; this one calls "${call.key}" and "${second.key}"`;
    problems.report('E_TWO_MODULES', second.keyAt, message, 'make two tasks of it');
  }
  const module = call && modules.get(call.key);
  if (!call && strangers.length === 0) {
    const isTold = mapping.entries.some(({ key }) => hintForForeign(key) !== undefined);
    const hint = 'bench doc lists the modules';
    if (!isTold) problems.report('E_NO_MODULE', mapping.at, `the ${around.role} calls no module`, hint);
    return undefined;
  }
  // A task of an unknown module stays in the list: what it registers is known to the tasks after it.
  const { key: calledAs, keyAt: calledAt } = call ?? strangers[0] ?? { key: '', keyAt: mapping.at };
  const noArgs: MappingNode = { kind: 'mapping', entries: [], at: calledAt };
  const args = (call && module && readArgs(call, module, fields.get('args'), problems)) ?? noArgs;
  if (call && call.value.kind !== 'sequence') checkArgs(call, args, reading);
  const name = fields.get('name');
  return {
    kind: 'task',
    name: name ? textOf(name) : { text: calledAs, at: calledAt },
    at: mapping.at,
    directory: posix.dirname(around.file),
    module: calledAs,
    args,
    attributes: joinAttributes(around.attributes, fields, problems),
    ...readLoop(mapping, fields, reading),
    register: textIn(fields, 'register'),
    notify: textsOf(fields.get('notify')),
    listen: textsOf(fields.get('listen')).map(({ text }) => text),
    ...readRetry(mapping, fields, reading),
    changedWhen: conditionsOf(fields.get('changed_when')),
    failedWhen: conditionsOf(fields.get('failed_when')),
  };
}

function checkArgs(call: MappingEntry, args: MappingNode, { modules, problems }: Reading): void {
  const module = modules.get(call.key);
  const isUnreadable = call.value.kind === 'scalar' && call.value.value !== null && module?.freeForm === undefined;
  if (!module || isUnreadable) return;
  if (module.name === 'set_fact') checkVariableNames(args, problems);
  checkParams(module, args, call.keyAt, problems);
}

/** A key that is neither a keyword nor a module: which of the two it was meant to be shows by what else is there. */
function reportStranger(
  entry: MappingEntry,
  { hasCall, around, reading }: { hasCall: boolean; around: Surroundings; reading: Reading },
): void {
  const { key, keyAt } = entry;
  const { modules, problems } = reading;
  const bare = key.slice(key.lastIndexOf('.') + 1);
  if (bare !== key && modules.has(bare)) {
    problems.report(
      'E_UNKNOWN_MODULE',
      keyAt,
      `unknown module "${key}"`,
      `write ${bare}: modules are bench's own and have no collection`,
    );
  } else if (hasCall) reportUnknownKey(entry, around.role, problems);
  else {
    const near = nearest(key, [
      ...modules.keys(),
      ...keywordsOf(around.role),
      'block',
      'include_tasks',
      'import_tasks',
      'meta',
    ]);
    const hint = near ? `did you mean "${near}"?` : 'bench doc lists the modules';
    const what = near !== undefined && KEYWORDS_BY_NAME.has(near) ? 'keyword' : 'module';
    problems.report(what === 'keyword' ? 'E_UNKNOWN_KEY' : 'E_UNKNOWN_MODULE', keyAt, `unknown ${what} "${key}"`, hint);
  }
}

function textIn(fields: Fields, name: string): string | undefined {
  const node = fields.get(name);
  return node && textOf(node).text;
}

function readRetry(
  mapping: MappingNode,
  fields: Fields,
  { problems }: Reading,
): Pick<TaskEntry, 'until' | 'retries' | 'delay'> {
  for (const name of ['retries', 'delay']) {
    const entry = mapping.entries.find(({ key }) => key === name);
    if (entry && !mapping.entries.some(({ key }) => key === 'until')) {
      problems.report(
        'E_MISSING_KEY',
        entry.keyAt,
        `"${name}" says nothing without "until"`,
        'add until: a condition on the registered result',
      );
    }
  }
  return { until: conditionsOf(fields.get('until')), retries: fields.get('retries'), delay: fields.get('delay') };
}

/** `loop` and `loop_control`, as a task or an include has them. */
export function readLoop(
  mapping: MappingNode,
  fields: Fields,
  { problems }: Reading,
): Pick<TaskEntry, 'loop' | 'loopControl'> {
  const control = fields.get('loop_control');
  const entry = mapping.entries.find(({ key }) => key === 'loop_control');
  if (entry && !mapping.entries.some(({ key }) => key === 'loop')) {
    problems.report('E_MISSING_KEY', entry.keyAt, '"loop_control" says nothing without "loop"', 'add loop: a list');
  }
  const inner: Fields =
    control?.kind === 'mapping' ? readFields(control, 'loop_control', problems) : new Map<string, YamlNode>();
  return {
    loop: fields.get('loop'),
    loopControl: {
      loop_var: textIn(inner, 'loop_var') ?? 'item',
      index_var: textIn(inner, 'index_var'),
      label: inner.get('label'),
      pause: inner.get('pause'),
    },
  };
}
