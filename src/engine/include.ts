import { DiagnosticError } from '../core/diagnostic.ts';
import type { Entry, IncludeEntry } from '../playbook/play.ts';
import { evaluateCondition } from '../template/condition.ts';
import { attempt } from './attempt.ts';
import { runEntries } from './entries.ts';
import { loopLayer, loopValues } from './items.ts';
import type { HostContext } from './play-run.ts';
import { type Layer, nodeLayer, type Scope } from './scope.ts';
import { scopeFor } from './variables.ts';

/** Steps of a place at which includes have gone round too often: a file that takes in itself under a computed name. */
const DEEPEST_PLACE = 400;

/** `include_tasks`: its tasks, once for each item of its loop, with its variables nearest to them. */
export async function runInclude(entry: IncludeEntry, context: HostContext): Promise<void> {
  const own = ownVars(entry);
  const scopeWith = (item: readonly Layer[]): Scope => {
    const { run, state, near } = context;
    return scopeFor(run.sources, state.host, entry.attributes.vars, [...item, own, ...near]);
  };
  const values = attempt(entry, context, () => loopValues(entry, scopeWith([]))) ?? [];
  for (const [index, value] of values.entries()) {
    const item = loopLayer(entry, value, index);
    const entries = attempt(entry, context, () => chosenEntries(entry, scopeWith(item), context)) ?? [];
    const near = [...item, own, ...context.near];
    await runEntries(entries, { ...context, near, rest: undefined, place: [...context.place, index] });
  }
}

/** None when its condition is false. */
function chosenEntries(entry: IncludeEntry, scope: Scope, { run, place }: HostContext): readonly Entry[] {
  if (!entry.attributes.when.every((condition) => evaluateCondition(condition, scope))) return [];
  if (place.length > DEEPEST_PLACE) {
    const message = `"${entry.file.text}" takes in itself without an end`;
    throw new DiagnosticError([{ code: 'E_INCLUDE_CIRCLE', at: entry.file.at, message, hint: 'give it a "when"' }]);
  }
  return run.taskFiles.entriesOf(entry, scope);
}

/** What the include itself says: those of the blocks around it are handed down to its tasks as blocks' variables. */
function ownVars({ attributes, inherited }: IncludeEntry): Layer {
  return nodeLayer(...attributes.vars.filter((vars) => !inherited.vars.includes(vars)));
}
