import { DiagnosticError } from '../core/diagnostic.ts';
import type { TaskEntry } from '../playbook/play.ts';
import { evaluateCondition } from '../template/condition.ts';
import { callModule, type TaskCall } from './call.ts';
import { failureOf } from './failure.ts';
import type { Item } from './items.ts';
import { judge, registeredOf, type Verdict } from './judge.ts';
import type { HostContext } from './play-run.ts';
import { endedRaw, type Raw } from './report.ts';
import { readCount, readSpanMs } from './settings.ts';

const DEFAULT_RETRIES = 3;
const DEFAULT_DELAY_MS = 5_000;

/** Calls an item again until the task's `until` holds. A check calls once: what it would wait for is not known. */
export async function callUntil(call: TaskCall, item: Item, context: HostContext): Promise<Verdict> {
  const { task, run, identity, host } = call;
  const { clock, signal, emit } = run.options;
  try {
    const tries = (readCount(task.retries, item.scope) ?? DEFAULT_RETRIES) + 1;
    const delayMs = readSpanMs(task.delay, item.scope) ?? DEFAULT_DELAY_MS;
    for (let attempt = 1; ; attempt += 1) {
      const [called = endedRaw({})] = await callModule(call, [item.scope]);
      if (called.kind !== 'ended') return judge(task, item, called, context);
      const raw: Raw = { ...called, data: { ...called.data, attempts: attempt } };
      const verdict = judge(task, item, raw, context);
      if (raw.predicted || isDone(task, item, verdict)) return verdict;
      if (call.settings.mode === 'check') {
        return { raw, outcome: { status: 'unknown', reason: `would wait until ${untilText(task)}` } };
      }
      if (attempt >= tries) return givenUp(call, verdict, attempt);
      emit({ type: 'taskRetried', task: identity, host, attempt, of: tries });
      await clock.sleep(delayMs, signal);
    }
  } catch (thrown) {
    return judge(task, item, endedRaw({ failure: failureOf(thrown) }), context);
  }
}

/** A failure whose result lacks what the condition looks for is one more reason to try again. */
function isDone(task: TaskEntry, item: Item, verdict: Verdict): boolean {
  const scope = item.scopeWith(registeredOf(verdict));
  try {
    return task.until.every((condition) => evaluateCondition(condition, scope));
  } catch (thrown) {
    if (thrown instanceof DiagnosticError && verdict.outcome.status === 'failed') return false;
    throw thrown;
  }
}

/** Tried often enough: a failure, whatever `failed_when` says of the last attempt. */
function givenUp({ task, settings }: TaskCall, { raw, outcome }: Verdict, attempts: number): Verdict {
  if (outcome.status === 'failed') return { raw, outcome };
  const message = `${untilText(task)} is still false after ${attempts} tries`;
  const at = task.until[0]?.at;
  const failure = { code: 'E_UNTIL', message, ...(at && { at }) };
  return { raw, outcome: { status: 'failed', failure, isIgnored: settings.ignoresErrors } };
}

function untilText(task: TaskEntry): string {
  return task.until.map(({ text }) => text).join(' and ');
}
