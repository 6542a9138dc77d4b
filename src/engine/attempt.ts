import type { Outcome } from '../contract/outcome.ts';
import type { IncludeEntry, MetaEntry } from '../playbook/play.ts';
import { failureOf, HostStop } from './failure.ts';
import type { HostContext } from './play-run.ts';
import { plainReport } from './report.ts';
import { countOutcome } from './state.ts';

/**
 * Finds out what an entry needs before it can go on: its condition, its list, its file. What is wrong with it is the
 * host's failure and is told as that of a task; undefined where a check cannot know it.
 */
export function attempt<T>(entry: IncludeEntry | MetaEntry, context: HostContext, work: () => T): T | undefined {
  const { run, state } = context;
  const { options, catalogue } = run;
  try {
    return work();
  } catch (thrown) {
    const failure = failureOf(thrown);
    const isUnknown = options.mode === 'check' && state.foresight.isAny;
    const outcome: Outcome = isUnknown
      ? { status: 'unknown', reason: `earlier changes would have to be real first: ${failure.message}` }
      : { status: 'failed', failure, isIgnored: false };
    const task = catalogue.identify(entry, 'task');
    options.emit({ type: 'taskStarted', task, host: state.host });
    countOutcome(state, outcome);
    options.emit({ type: 'taskFinished', task, host: state.host, outcome, notes: [], elapsedMs: 0 });
    if (isUnknown) return undefined;
    const { registered } = plainReport(outcome);
    const named = { name: { text: task.name, at: entry.at }, module: task.module };
    const isFatal = run.sources.play.anyErrorsFatal;
    throw new HostStop('failed', { failure, task: named, registered, isFatal, isCounted: true });
  }
}
