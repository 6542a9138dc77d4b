import type { TaskIdentity } from '../contract/event.ts';
import type { Module } from '../contract/module.ts';
import type { Outcome } from '../contract/outcome.ts';
import { BenchError, InterruptedError } from '../core/errors.ts';
import type { TaskEntry } from '../playbook/play.ts';
import { callModule, type TaskCall } from './call.ts';
import { failureOf, unlessMistaken } from './failure.ts';
import { foretell } from './foresight.ts';
import { type Item, itemsOf } from './items.ts';
import { judge, reportOf, type Verdict } from './judge.ts';
import type { HostContext } from './play-run.ts';
import { endedRaw, hiddenReport, type ItemReport, joinReports, plainReport, type TaskReport } from './report.ts';
import type { Scope } from './scope.ts';
import { isShown, readSettings, readSpanMs, type TaskSettings } from './settings.ts';
import { callUntil } from './until.ts';
import { scopeFor } from './variables.ts';

interface TaskRun {
  readonly context: HostContext;
  readonly task: TaskEntry;
  readonly identity: TaskIdentity;
  readonly module: Module;
  readonly isShown: boolean;
}

/** Runs one task on one host, all its items, and judges it. Never throws for what the task or the host did. */
export async function executeTask(context: HostContext, task: TaskEntry, identity: TaskIdentity): Promise<TaskReport> {
  const { run, state } = context;
  const scope = scopeFor(run.sources, state.host, task.attributes.vars, context.near);
  const shown = isShown(task.attributes, scope);
  const report = await reportOfTask(context, task, identity, scope, shown);
  return shown ? report : hiddenReport(report, task.module);
}

async function reportOfTask(
  context: HostContext,
  task: TaskEntry,
  identity: TaskIdentity,
  scope: Scope,
  shown: boolean,
): Promise<TaskReport> {
  try {
    const module = context.run.options.modules.get(task.module);
    if (!module) throw new BenchError('E_UNKNOWN_MODULE', `there is no module "${task.module}"`);
    const items = itemsOf(task, context);
    if (!items) return plainReport({ status: 'skipped', reason: 'a condition is false' });
    const reports = await runItems({ context, task, identity, module, isShown: shown }, items);
    const [only] = reports;
    return task.loop || !only ? joinReports(reports) : only;
  } catch (thrown) {
    return brokenReport(context, task, scope, thrown);
  }
}

async function runItems(taskRun: TaskRun, items: readonly Item[]): Promise<readonly ItemReport[]> {
  const { context, task, identity } = taskRun;
  const { run, state } = context;
  const { emit, signal } = run.options;
  const reports: ItemReport[] = [];
  let lost: Verdict | undefined;
  let isFirst = true;
  const batches = batchesOf(taskRun, items);
  const isWhole = task.until.length === 0 && batches.filter((batch) => batch.some(isCalled)).length === 1;
  const isOnly = isWhole && items.length === 1;
  const share = isOnly ? 'one' : isWhole ? 'all' : 'part';
  for (const batch of batches) {
    if (signal.aborted && !(context.ahead && context.ahead.untold(context.place).length > 0))
      throw new InterruptedError();
    const first = batch.find(isCalled);
    // A host that was lost is lost for the items behind, too.
    const judgements =
      first && !lost ? await callBatch(taskRun, batch.filter(isCalled), first, { isFirst, share }) : [];
    if (first) isFirst = false;
    const given = judgements.values();
    for (const item of batch) {
      const verdict =
        item.way.kind === 'end'
          ? judge(task, item, item.way.raw, context)
          : (given.next().value?.() ?? lost ?? nothing(item));
      if (verdict.raw.kind === 'unreachable') lost = verdict;
      const report = reportOf(task, item, verdict, context);
      reports.push(report);
      noteForesight(context, item, verdict, report);
      const { label, outcome } = report;
      if (task.loop && taskRun.isShown) emit({ type: 'taskItem', task: identity, host: state.host, label, outcome });
    }
  }
  return reports;
}

type CalledItem = Item & { readonly way: { readonly kind: 'call'; readonly settings: TaskSettings } };

function isCalled(item: Item): item is CalledItem {
  return item.way.kind === 'call';
}

function nothing(item: Item): Verdict {
  throw new TypeError(`item "${item.label}" came to no end`);
}

/**
 * Items that can share a frame, in their order; what is not called goes with its neighbours. Actions, retries and pauses
 * go one by one.
 */
function batchesOf({ task, module }: TaskRun, items: readonly Item[]): readonly (readonly Item[])[] {
  const isOneByOne = module.kind === 'action' || task.until.length > 0 || task.loopControl.pause !== undefined;
  const batches: Item[][] = [];
  let key: string | undefined;
  for (const item of items) {
    const last = batches.at(-1);
    const own = item.way.kind === 'call' ? item.way.settings.frameKey : undefined;
    const joins = own === undefined || key === undefined || (own === key && !isOneByOne);
    if (last && joins) last.push(item);
    else batches.push([item]);
    if (own !== undefined) key = own;
  }
  return batches;
}

/** Calls the items; each is to be judged in its turn, since what a check foretells of one counts for those behind it. */
async function callBatch(
  taskRun: TaskRun,
  batch: readonly CalledItem[],
  first: CalledItem,
  { isFirst, share }: { readonly isFirst: boolean; readonly share: TaskCall['share'] },
): Promise<readonly (() => Verdict)[]> {
  const { context, task } = taskRun;
  const { run, state } = context;
  const { clock, signal } = run.options;
  const pauseMs = readSpanMs(task.loopControl.pause, first.scope) ?? 0;
  if (!isFirst && pauseMs > 0) await clock.sleep(pauseMs, signal);
  const call: TaskCall = { ...taskRun, run, host: state.host, settings: first.way.settings, share };
  if (task.until.length > 0) {
    const verdict = await callUntil(call, first, context);
    return [() => verdict];
  }
  const raws = await callModule(
    call,
    batch.map(({ scope }) => scope),
  );
  return batch.map((item, index) => () => judge(task, item, raws[index] ?? endedRaw({}), context));
}

function noteForesight({ run, state }: HostContext, item: Item, { raw }: Verdict, report: ItemReport): void {
  if (!report.isPredicted) return;
  const target = item.way.kind === 'call' ? run.states.get(item.way.settings.target) : undefined;
  for (const { foresight } of new Set([state, target ?? state])) {
    if (raw.kind === 'ended' && raw.predicted) foretell(foresight, raw.probes, raw.fate);
    else foresight.isAny = true;
  }
}

/** The task could not even be called: its loop cannot be rendered. */
function brokenReport({ run, state }: HostContext, task: TaskEntry, scope: Scope, thrown: unknown): TaskReport {
  const failure = failureOf(thrown);
  const settings = unlessMistaken(() => readSettings(task.attributes, state.host, scope, run.options), undefined);
  if (run.options.mode === 'check' && state.foresight.isAny) {
    const reason = `earlier changes would have to be real first: ${failure.message}`;
    return plainReport({ status: 'unknown', reason }, { isPredicted: true });
  }
  const outcome: Outcome = { status: 'failed', failure, isIgnored: settings?.ignoresErrors ?? false };
  return plainReport(outcome, { isFatal: settings?.isFatalForAll ?? false });
}
