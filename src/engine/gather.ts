import type { TaskIdentity } from '../contract/event.ts';
import type { Outcome } from '../contract/outcome.ts';
import { BenchError, InterruptedError, UnreachableError } from '../core/errors.ts';
import type { Exchange } from './converge.ts';
import { failureOf, HostStop } from './failure.ts';
import type { HostContext } from './play-run.ts';
import { frameKeyOf } from './settings.ts';
import { countOutcome } from './state.ts';
import { scopeFor } from './variables.ts';

/** Reads the host's facts in one round trip, in which the questions of the play's first tasks go along. */
export function gatherFacts(context: HostContext): Promise<void> {
  const { run, state } = context;
  const { options, ledger } = run;
  return prepare('gather facts', 'facts', context, async () => {
    const session = await run.connect(state.host, options.signal);
    const first = { kind: 'ask', probes: options.factsReader.probes } as const;
    const privilege = { kind: 'login' } as const;
    const { mode, signal } = options;
    const exchange: Exchange = (frame) =>
      ledger.track('questions', () => session.exchange(frame, { privilege, signal }));
    const frameKey = frameKeyOf({ mode, limitMs: undefined, environment: {}, target: state.host, privilege });
    // Files of variables may be named by facts, and their variables count for every task.
    const ahead = run.sources.play.varsFiles.length === 0 ? context.ahead : undefined;
    const [answer] = ahead
      ? await ahead.askFirst({ frameKey, leaves: ['facts'] }, context, exchange, first)
      : await exchange({ sections: [first] });
    if (answer?.kind !== 'answers') throw new BenchError('E_NO_ANSWER', `${state.host} gave no answer about itself`);
    state.facts = options.factsReader.read(answer.answers);
  });
}

/** Reads the play's vars_files for the host; their names may hold its variables and facts. */
export async function readVarsFiles(context: HostContext): Promise<void> {
  const { run, state } = context;
  const { play, varsFiles } = run.sources;
  if (play.varsFiles.length === 0) return;
  const read = () => run.variableFiles.read(play, scopeFor(run.sources, state.host));
  try {
    varsFiles.set(state.host, read());
  } catch (thrown) {
    await prepare('read vars_files', 'vars_files', context, async () => {
      throw thrown;
    });
  }
}

/** Work that a play needs before its first task, told as a task of its own. Throws `HostStop` when it fails. */
async function prepare(
  name: string,
  module: string,
  { run, state }: HostContext,
  work: () => Promise<void>,
): Promise<void> {
  const { options, gate, sources } = run;
  const { emit, clock, signal } = options;
  const { host } = state;
  const task: TaskIdentity = { id: 0, name, module, at: sources.play.at, role: 'facts' };
  let outcome: Outcome = { status: 'ok' };
  await gate.enter();
  const begin = clock.monotonicMs();
  try {
    if (signal.aborted) throw new InterruptedError();
    emit({ type: 'taskStarted', task, host });
    state.current = name;
    await work();
  } catch (thrown) {
    const status = thrown instanceof UnreachableError ? 'unreachable' : 'failed';
    outcome = { status, failure: failureOf(thrown), isIgnored: false };
  } finally {
    gate.leave();
  }
  state.current = undefined;
  countOutcome(state, outcome);
  emit({ type: 'taskFinished', task, host, outcome, notes: [], elapsedMs: clock.monotonicMs() - begin });
  if (outcome.status === 'failed' || outcome.status === 'unreachable') {
    throw new HostStop(outcome.status, { failure: outcome.failure, isFatal: sources.play.anyErrorsFatal });
  }
}
