import type { TaskIdentity } from '../contract/event.ts';
import type { Outcome } from '../contract/outcome.ts';
import { InterruptedError } from '../core/errors.ts';
import { failedOutcome, HostStop } from './failure.ts';
import type { HostContext } from './play-run.ts';
import { countOutcome } from './state.ts';

/** Reads the host's facts in one round trip. */
export async function gatherFacts({ run, state }: HostContext): Promise<void> {
  const { options, gate, ledger, sources } = run;
  const task: TaskIdentity = { id: 0, name: 'gather facts', module: 'facts', at: sources.play.at, role: 'facts' };
  await gate.enter();
  const begin = options.clock.monotonicMs();
  let outcome: Outcome = { status: 'ok' };
  try {
    if (options.signal.aborted) throw new InterruptedError();
    options.emit({ type: 'taskStarted', task, host: state.host });
    const session = await ledger.track('connecting', () => options.connect(state.host, options.signal));
    const frame = { sections: [{ kind: 'ask', probes: options.factsReader.probes }] } as const;
    const privilege = { kind: 'login' } as const;
    const [answer] = await ledger.track('questions', () =>
      session.exchange(frame, { privilege, signal: options.signal }),
    );
    if (answer?.kind === 'answers') state.facts = options.factsReader.read(answer.answers);
  } catch (thrown) {
    outcome = failedOutcome(thrown);
  } finally {
    gate.leave();
  }
  countOutcome(state, outcome);
  const elapsedMs = options.clock.monotonicMs() - begin;
  options.emit({ type: 'taskFinished', task, host: state.host, outcome, notes: [], elapsedMs });
  if (outcome.status === 'failed' || outcome.status === 'unreachable')
    throw new HostStop(outcome.status, { failure: outcome.failure });
}
