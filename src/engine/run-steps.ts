import type { ActSection, SectionAnswer } from '../contract/frame.ts';
import type { StepsModule } from '../contract/module.ts';
import type { Answer, Probe } from '../contract/probe.ts';
import type { Step, StepResult } from '../contract/step.ts';
import { type Call, type Exchange, type Guarded, guarded, MOST_PLANS, resultsOf, unstable } from './converge.ts';

export type Ran =
  | { readonly kind: 'ran'; readonly results: readonly StepResult[] }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** There is nothing to do. */
  | { readonly kind: 'skipped'; readonly reason: string; readonly probes: readonly Probe[] }
  /** Check mode: it would run. */
  | { readonly kind: 'predicted'; readonly probes: readonly Probe[] };

interface Attempt {
  readonly section: ActSection;
  readonly plans: number;
}

/**
 * Runs the steps of all calls in one frame, behind one frame of questions where the module has any. What was decided on
 * an answer is done only while that answer still holds. In check mode only asks.
 */
export async function runSteps(
  module: StepsModule,
  calls: readonly Call[],
  exchange: Exchange,
  mode: 'apply' | 'check',
): Promise<readonly Ran[]> {
  const probes = calls.map((call) => module.probe(call.params));
  const ends: (Ran | undefined)[] = calls.map(() => undefined);
  const open = new Map<number, Attempt>();

  const plan = (index: number, answers: readonly Answer[], fingerprint: string | undefined, plans: number): void => {
    open.delete(index);
    const call = calls[index];
    const questions = probes[index] ?? [];
    if (!call) return;
    const made: Guarded<readonly Step[] | { readonly skip: string }> = guarded(() =>
      module.steps(answers, call.params, call.inputs),
    );
    if ('error' in made) ends[index] = { kind: 'failed', error: made.error };
    else if (!isSteps(made.value)) ends[index] = { kind: 'skipped', reason: made.value.skip, probes: questions };
    else if (mode === 'check') ends[index] = { kind: 'predicted', probes: questions };
    else if (plans >= MOST_PLANS) ends[index] = { kind: 'failed', error: unstable(plans) };
    else {
      const guard = fingerprint === undefined ? undefined : { probes: questions, fingerprint };
      const section: ActSection = {
        kind: 'act',
        ...(guard && { guard }),
        steps: made.value,
        after: [],
        onFailure: 'continue',
      };
      open.set(index, { section, plans });
    }
  };
  const take = (index: number, { section, plans }: Attempt, answer: SectionAnswer | undefined): void => {
    if (answer?.kind === 'stale') plan(index, answer.answers, answer.fingerprint, plans + 1);
    if (answer?.kind !== 'done' && answer?.kind !== 'stepFailed') return;
    const results = guarded(() => resultsOf(answer, section.steps));
    ends[index] =
      'error' in results ? { kind: 'failed', error: results.error } : { kind: 'ran', results: results.value };
    open.delete(index);
  };

  const hasQuestions = probes.some((list) => list.length > 0);
  const asked = hasQuestions ? await exchange({ sections: probes.map((list) => ({ kind: 'ask', probes: list })) }) : [];
  for (const index of calls.keys()) {
    const answer = asked[index];
    const has = answer?.kind === 'answers' && (probes[index]?.length ?? 0) > 0;
    plan(index, has ? answer.answers : [], has ? answer.fingerprint : undefined, 0);
  }
  while (open.size > 0) {
    const attempts = [...open];
    const answers = await exchange({ sections: attempts.map(([, { section }]) => section) });
    for (const [place, [index, attempt]] of attempts.entries()) take(index, attempt, answers[place]);
  }
  return ends.map((end) => end ?? { kind: 'failed', error: new Error('a call has no answer') });
}

function isSteps(plan: readonly Step[] | { readonly skip: string }): plan is readonly Step[] {
  return Array.isArray(plan);
}
