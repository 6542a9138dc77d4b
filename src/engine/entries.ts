import type { TaskIdentity } from '../contract/event.ts';
import { InterruptedError } from '../core/errors.ts';
import type { Entry, TaskEntry } from '../playbook/play.ts';
import { renderText } from '../template/render.ts';
import { runBlock } from './block.ts';
import { HostStop, unlessMistaken } from './failure.ts';
import { runInclude } from './include.ts';
import { runMeta } from './meta.ts';
import { notify } from './notify.ts';
import type { HostContext } from './play-run.ts';
import { plainReport, type TaskReport } from './report.ts';
import type { Scope } from './scope.ts';
import { isRunOnce } from './settings.ts';
import { countOutcome } from './state.ts';
import { executeTask } from './task.ts';
import { scopeFor } from './variables.ts';

/** Takes a host through a list of entries. Throws `HostStop` when the host goes no further. */
export async function runEntries(entries: readonly Entry[], context: HostContext): Promise<void> {
  for (const [index, entry] of entries.entries()) {
    const rest = { entries, from: index + 1, place: context.place, near: context.near, next: context.rest };
    await runEntry(entry, { ...context, place: [...context.place, index], rest });
  }
}

async function runEntry(entry: Entry, context: HostContext): Promise<void> {
  if (entry.kind === 'block') return runBlock(entry, context);
  if (entry.kind === 'task') return runTask(entry, context, 'task');
  await arrive(context);
  if (!(await context.run.selection.isDue(entry))) return;
  return entry.kind === 'include' ? runInclude(entry, context) : runMeta(entry, context);
}

/** Comes to a place of the play. Throws where the host must not go on. */
async function arrive(context: HostContext): Promise<void> {
  const { run, state, place, isCleanup } = context;
  await run.lockstep.arrive(state.host, place);
  // What was done ahead is told, whatever has happened since.
  if ((run.stop || run.options.signal.aborted) && isUnderWay(context)) return;
  throwIfInterrupted(run.options.signal);
  if (run.stop?.kind === 'endPlay') throw new HostStop('ended');
  if (run.stop && !isCleanup) throw new HostStop('stopped');
}

/** The task at this place was done ahead, or one behind it. */
export function isUnderWay({ ahead, place }: HostContext): boolean {
  return ahead !== undefined && ahead.untold(place).length > 0;
}

function throwIfInterrupted(signal: AbortSignal): void {
  if (signal.aborted) throw new InterruptedError();
}

export async function runTask(task: TaskEntry, context: HostContext, role: TaskIdentity['role']): Promise<void> {
  await arrive(context);
  const { run, state } = context;
  if (!(await run.selection.isDue(task))) return;
  const scope = scopeFor(run.sources, state.host, task.attributes.vars, context.near);
  const isOnce = unlessMistaken(() => isRunOnce(task.attributes, scope), false);
  const key = context.place.join('.');
  const shared = isOnce ? run.once.get(key) : undefined;
  const work = shared ?? runAlone({ task, role, isOnce }, context, scope);
  if (isOnce) run.once.set(key, work);
  const report = await work;
  keepResults(task, context, report);
  const { outcome, registered } = report;
  if ((outcome.status === 'failed' || outcome.status === 'unreachable') && !outcome.isIgnored) {
    // A task that one host does for all fails for all.
    const isFatal = isOnce || report.isFatal || run.sources.play.anyErrorsFatal;
    const { failure } = outcome;
    const handler = role === 'handler' ? task : undefined;
    throw new HostStop(outcome.status, {
      failure,
      task,
      handler,
      registered,
      isFatal,
      isCounted: shared === undefined,
    });
  }
}

interface DueTask {
  readonly task: TaskEntry;
  readonly role: TaskIdentity['role'];
  readonly isOnce: boolean;
}

async function runAlone({ task, role, isOnce }: DueTask, context: HostContext, scope: Scope): Promise<TaskReport> {
  const { run, state } = context;
  const { emit, clock, resume, signal } = run.options;
  const { host } = state;
  const name = unlessMistaken(() => renderText(task.name.text, task.name.at, scope), task.name.text);
  const identity = { ...run.catalogue.identify(task, role), name };
  if (resume && leavesNoVariables(task, context)) {
    // Whichever host came first then: it was done for all of them. Each is asked, since the answers are counted.
    const performers = isOnce ? run.sources.playHosts : [host];
    const isDone = performers.map((performer) => resume.isDone(performer, identity)).includes(true);
    if (isDone) return plainReport({ status: 'skipped', reason: `done in run ${resume.run}` });
  }
  await run.gate.enter();
  try {
    if (!isUnderWay(context)) throwIfInterrupted(signal);
    const begin = clock.monotonicMs();
    emit({ type: 'taskStarted', task: identity, host });
    state.current = identity.name;
    const report = await executeTask(context, task, identity);
    state.current = undefined;
    const { outcome, notes } = report;
    countOutcome(state, outcome);
    state.changes.push(...report.changes);
    // Before the end of the task is told: whoever reads only the beginning of the events runs a handler too often, never too rarely.
    notify(report.notified, context);
    emit({ type: 'taskFinished', task: identity, host, outcome, notes, elapsedMs: clock.monotonicMs() - begin });
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

function keepResults(task: TaskEntry, { state }: HostContext, report: TaskReport): void {
  for (const [name, value] of Object.entries(report.facts)) state.registered.set(name, { kind: 'value', value });
  if (task.register) state.registered.set(task.register, { kind: 'value', value: report.registered });
  if (report.isPredicted) state.foresight.isAny = true;
}
