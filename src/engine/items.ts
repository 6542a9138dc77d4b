import type { LocatedText } from '../contract/yaml-node.ts';
import { DiagnosticError } from '../core/diagnostic.ts';
import type { Entry, TaskEntry } from '../playbook/play.ts';
import { evaluateCondition } from '../template/condition.ts';
import { renderNode } from '../template/render.ts';
import { failureOf, unlessMistaken } from './failure.ts';
import type { HostContext } from './play-run.ts';
import { endedRaw, type Raw } from './report.ts';
import { createScope, type Layer, type Scope, valueLayer } from './scope.ts';
import { readSettings, type TaskSettings } from './settings.ts';
import { layersFor } from './variables.ts';

/** One call of a task that is due: of its loop's items, or the only one of a task without a loop. */
export interface Item {
  readonly scope: Scope;
  /** The scope with the task's own result under its registered name, as `until`, `changed_when` and `failed_when` see it. */
  scopeWith(result: Readonly<Record<string, unknown>>): Scope;
  readonly label: string;
  /** What registered results of a loop say of the item, beside what came of it. */
  readonly marks: Readonly<Record<string, unknown>>;
  /** How the module is called, or why it need not be. */
  readonly way:
    | { readonly kind: 'call'; readonly settings: TaskSettings }
    | { readonly kind: 'end'; readonly raw: Raw };
}

/** Values of a loop; undefined where its list cannot be made and a condition that needs no item is false. */
export function loopValues(
  { loop, attributes }: Pick<Extract<Entry, { loop: unknown }>, 'loop' | 'attributes'>,
  scope: Scope,
): readonly unknown[] | undefined {
  if (!loop) return [undefined];
  let values: unknown;
  try {
    values = renderNode(loop, scope);
  } catch (thrown) {
    const isFalse = (condition: LocatedText) => !evaluateCondition(condition, scope);
    if (unlessMistaken(() => attributes.when.some(isFalse), false)) return undefined;
    throw thrown;
  }
  if (Array.isArray(values)) return values;
  const message = `loop needs a list, got ${JSON.stringify(values)}`;
  throw new DiagnosticError([{ code: 'E_WRONG_VALUE', at: loop.at, message }]);
}

/** A loop's own variables for one of its items; none without a loop. */
export function loopLayer(
  { loop, loopControl }: Pick<TaskEntry, 'loop' | 'loopControl'>,
  value: unknown,
  index: number,
): readonly Layer[] {
  if (!loop) return [];
  const { loop_var, index_var } = loopControl;
  return [valueLayer({ [loop_var]: value, ...(index_var && { [index_var]: index }) })];
}

/** The items of a task on one host, those with a false condition or unreadable keywords at their end already. */
export function itemsOf(task: TaskEntry, context: HostContext): readonly Item[] | undefined {
  const { run, state, near } = context;
  const { register, loop, loopControl } = task;
  const layers = layersFor(run.sources, state.host, task.attributes.vars, near);
  const values = loopValues(task, createScope(layers));
  return values?.map((value, index) => {
    const all = [...loopLayer(task, value, index), ...layers];
    const scope = createScope(all);
    const named = (result: Readonly<Record<string, unknown>>) =>
      register === undefined ? scope : createScope([valueLayer({ [register]: result }), ...all]);
    const marks = loop ? { ansible_loop_var: loopControl.loop_var, [loopControl.loop_var]: value } : {};
    return { scope, scopeWith: named, marks, ...wayOf(task, value, scope, context) };
  });
}

function wayOf(
  task: TaskEntry,
  value: unknown,
  scope: Scope,
  { run, state }: HostContext,
): Pick<Item, 'way' | 'label'> {
  const plainLabel = task.loop ? textOf(value) : '';
  try {
    const failing = task.attributes.when.find((condition) => !evaluateCondition(condition, scope));
    if (failing) return { label: plainLabel, way: end({ kind: 'skipped', reason: `${failing.text} is false` }) };
    const settings = readSettings(task.attributes, state.host, scope, run.options);
    const { label } = task.loopControl;
    return { label: label ? textOf(renderNode(label, scope)) : plainLabel, way: { kind: 'call', settings } };
  } catch (thrown) {
    return { label: plainLabel, way: end(endedRaw({ failure: failureOf(thrown) })) };
  }
}

function end(raw: Raw): Item['way'] {
  return { kind: 'end', raw };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? String(value));
}
