import { resolve } from 'node:path';
import type { TaskIdentity } from '../contract/event.ts';
import { DiagnosticError } from '../core/diagnostic.ts';
import { InterruptedError } from '../core/errors.ts';
import { loadTasks } from '../playbook/load.ts';
import type { BlockEntry, Entry, IncludeEntry, MetaEntry, TaskEntry } from '../playbook/play.ts';
import { evaluateCondition } from '../template/condition.ts';
import { renderNode, renderText } from '../template/render.ts';
import { failureOf, HostStop } from './failure.ts';
import { flushHandlers, notify } from './handlers.ts';
import type { HostContext } from './play-run.ts';
import { statusFlags, type TaskReport } from './report.ts';
import { nodeLayer, type Scope, valueLayer } from './scope.ts';
import { isRunOnce, readSettings } from './settings.ts';
import { countOutcome } from './state.ts';
import { executeTask } from './task.ts';
import { scopeFor } from './variables.ts';

/** Takes a host through a list of entries. Throws `HostStop` when the host goes no further. */
export async function runEntries(entries: readonly Entry[], context: HostContext): Promise<void> {
  for (const [index, entry] of entries.entries()) {
    await runEntry(entry, { ...context, place: [...context.place, index] });
  }
}

function runEntry(entry: Entry, context: HostContext): Promise<void> {
  switch (entry.kind) {
    case 'task':
      return runTask(entry, context, 'task');
    case 'block':
      return runBlock(entry, context);
    case 'include':
      return runInclude(entry, context);
    case 'meta':
      return runMeta(entry, context);
  }
}

async function arrive({ run, state, place }: HostContext): Promise<void> {
  await run.lockstep.arrive(state.host, place);
  if (run.options.signal.aborted) throw new InterruptedError();
  if (run.stopReason !== undefined) throw new HostStop('ended');
}

export async function runTask(task: TaskEntry, context: HostContext, role: TaskIdentity['role']): Promise<void> {
  await arrive(context);
  const { run, state } = context;
  if (!(await run.isDue(task))) return;
  const scope = scopeFor(run.sources, state.host, task.attributes.vars, context.near);
  const report = await (isSharedTask(task, scope)
    ? runShared(task, context, role, scope)
    : runAlone(task, context, role, scope));
  keepResults(task, context, report);
  const { outcome } = report;
  if ((outcome.status === 'failed' || outcome.status === 'unreachable') && !outcome.isIgnored) {
    const isFatal = run.sources.play.anyErrorsFatal || isFatalForAll(task, context, scope);
    const { failure } = outcome;
    throw new HostStop(outcome.status, { failure, task, registered: report.registered, isFatal });
  }
}

function isSharedTask(task: TaskEntry, scope: Scope): boolean {
  try {
    return isRunOnce(task.attributes, scope);
  } catch (thrown) {
    if (thrown instanceof DiagnosticError) return false;
    throw thrown;
  }
}

function isFatalForAll(task: TaskEntry, { run, state }: HostContext, scope: Scope): boolean {
  if (!task.attributes.any_errors_fatal) return false;
  return readSettings(task.attributes, state.host, scope, run.options).isFatalForAll;
}

/** The first host that comes does it; the others wait and take over what came of it. */
function runShared(
  task: TaskEntry,
  context: HostContext,
  role: TaskIdentity['role'],
  scope: Scope,
): Promise<TaskReport> {
  const key = context.place.join('.');
  const { shared } = context.run;
  let report = shared.get(key);
  if (!report) {
    report = runAlone(task, context, role, scope);
    shared.set(key, report);
  }
  return report;
}

async function runAlone(
  task: TaskEntry,
  context: HostContext,
  role: TaskIdentity['role'],
  scope: Scope,
): Promise<TaskReport> {
  const { run, state } = context;
  const { emit, clock, resume } = run.options;
  const identity = { ...run.identify(task, role), name: nameOf(task, scope) };
  if (resume && leavesNoVariables(task, context) && resume.isDone(state.host, identity)) {
    const outcome = { status: 'skipped', reason: `done in run ${resume.run}` } as const;
    return { outcome, registered: statusFlags(outcome), notes: [], facts: {} };
  }
  await run.gate.enter();
  const begin = clock.monotonicMs();
  try {
    emit({ type: 'taskStarted', task: identity, host: state.host });
    state.current = identity.name;
    const report = await executeTask(context, task, identity);
    state.current = undefined;
    const elapsedMs = clock.monotonicMs() - begin;
    countOutcome(state, report.outcome);
    emit({
      type: 'taskFinished',
      task: identity,
      host: state.host,
      outcome: report.outcome,
      notes: report.notes,
      elapsedMs,
    });
    return report;
  } finally {
    run.gate.leave();
  }
}

/** A resumed run passes over such tasks when they are done; the variables that others leave are needed again. */
function leavesNoVariables(task: TaskEntry, { run }: HostContext): boolean {
  const module = run.options.modules.get(task.module);
  return task.register === undefined && !(module?.kind === 'action' && module.isHarmless);
}

function nameOf(task: TaskEntry, scope: Scope): string {
  try {
    return renderText(task.name.text, task.name.at, scope);
  } catch (thrown) {
    if (thrown instanceof DiagnosticError) return task.name.text;
    throw thrown;
  }
}

function keepResults(task: TaskEntry, context: HostContext, report: TaskReport): void {
  const { run, state } = context;
  for (const [name, value] of Object.entries(report.facts)) state.registered.set(name, { kind: 'value', value });
  if (task.register) state.registered.set(task.register, { kind: 'value', value: report.registered });
  if (report.outcome.status !== 'changed') return;
  if (run.options.mode === 'check') state.hasPredicted = true;
  if (task.notify.length > 0) notify(task, context);
}

async function runBlock(block: BlockEntry, context: HostContext): Promise<void> {
  const part = (entries: readonly Entry[], number: number, more: Partial<HostContext> = {}) =>
    runEntries(entries, { ...context, ...more, place: [...context.place, number] });
  try {
    await part(block.block, 0);
  } catch (thrown) {
    if (!(thrown instanceof HostStop) || thrown.why !== 'failed' || block.rescue.length === 0) throw thrown;
    context.state.tally.failed -= 1;
    context.state.tally.rescued += 1;
    await part(block.rescue, 1, { near: [rescueLayer(thrown), ...context.near] });
  } finally {
    if (!context.run.options.signal.aborted && block.always.length > 0) await part(block.always, 2);
  }
}

function rescueLayer({ details }: HostStop) {
  return valueLayer({
    ansible_failed_task: { name: details.task?.name.text ?? '', action: details.task?.module ?? '' },
    ansible_failed_result: details.registered ?? { msg: details.failure?.message ?? '' },
  });
}

async function runInclude(entry: IncludeEntry, context: HostContext): Promise<void> {
  await arrive(context);
  const { run, state } = context;
  const base = scopeFor(run.sources, state.host, entry.attributes.vars, context.near);
  const items = entry.loop ? renderNode(entry.loop, base) : [undefined];
  if (!Array.isArray(items)) return;
  for (const [index, item] of items.entries()) {
    const { loop_var, index_var } = entry.loopControl;
    const itemLayer = entry.loop ? [valueLayer({ [loop_var]: item, ...(index_var && { [index_var]: index }) })] : [];
    const near = [...itemLayer, ...context.near];
    const scope = scopeFor(run.sources, state.host, entry.attributes.vars, near);
    const included = await chooseEntries(entry, scope, context);
    const withVars = [...itemLayer, nodeLayer(...entry.attributes.vars), ...context.near];
    await runEntries(included, { ...context, near: withVars, place: [...context.place, index] });
  }
}

/** The tasks of an include, none when its condition is false. What is wrong with the file is the host's failure. */
async function chooseEntries(entry: IncludeEntry, scope: Scope, { run }: HostContext): Promise<readonly Entry[]> {
  try {
    if (!entry.attributes.when.every((condition) => evaluateCondition(condition, scope))) return [];
    if (entry.entries) return entry.entries;
    const file = resolve(entry.directory, renderText(entry.file.text, entry.file.at, scope));
    const { files, modules } = run.options;
    const { entries, diagnostics } = loadTasks(file, { readFile: (path) => files.readText(path), modules }, entry);
    if (diagnostics.length > 0 || !entries) throw new DiagnosticError(diagnostics);
    return entries;
  } catch (thrown) {
    throw new HostStop('failed', { failure: failureOf(thrown) });
  }
}

async function runMeta({ action, attributes }: MetaEntry, context: HostContext): Promise<void> {
  await arrive(context);
  const { run, state } = context;
  const scope = scopeFor(run.sources, state.host, attributes.vars, context.near);
  if (!attributes.when.every((condition) => evaluateCondition(condition, scope))) return;
  switch (action) {
    case 'flush_handlers':
      return flushHandlers(context);
    case 'end_host':
      run.options.emit({ type: 'hostEnded', host: state.host, reason: 'meta: end_host' });
      throw new HostStop('ended');
    case 'end_play':
      run.stopReason = 'meta: end_play';
      throw new HostStop('ended');
    case 'noop':
      return;
  }
}
