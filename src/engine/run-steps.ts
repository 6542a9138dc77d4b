import type { StepsModule } from '../contract/module.ts';
import type { Probe } from '../contract/probe.ts';
import type { Step, StepResult } from '../contract/step.ts';
import { type Call, type Exchange, guarded, resultsOf } from './converge.ts';

export type Ran =
  | { readonly kind: 'ran'; readonly results: readonly StepResult[] }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** There is nothing to do. */
  | { readonly kind: 'skipped'; readonly reason: string; readonly probes: readonly Probe[] }
  /** Check mode: it would run. */
  | { readonly kind: 'predicted'; readonly probes: readonly Probe[] };

/** Runs the steps of all calls in one frame, behind one frame of questions where the module has any. In check mode only asks. */
export async function runSteps(
  module: StepsModule,
  calls: readonly Call[],
  exchange: Exchange,
  mode: 'apply' | 'check',
): Promise<readonly Ran[]> {
  const probes = calls.map((call) => module.probe(call.params));
  const hasQuestions = probes.some((list) => list.length > 0);
  const asked = hasQuestions ? await exchange({ sections: probes.map((list) => ({ kind: 'ask', probes: list })) }) : [];
  const plans = calls.map((call, index) => {
    const answer = asked[index];
    const answers = answer?.kind === 'answers' ? answer.answers : [];
    return guarded(() => module.steps(answers, call.params, call.inputs));
  });
  const toRun = plans.flatMap((plan, index) =>
    mode === 'apply' && 'value' in plan && isSteps(plan.value) ? [{ index, steps: plan.value }] : [],
  );
  const sections = toRun.map(({ steps }) => ({ kind: 'act', steps, after: [], onFailure: 'continue' }) as const);
  const acted = sections.length > 0 ? await exchange({ sections }) : [];
  const done = new Map(toRun.map(({ index, steps }, place) => [index, { steps, answer: acted[place] }]));
  return plans.map((plan, index): Ran => {
    const questions = probes[index] ?? [];
    if ('error' in plan) return { kind: 'failed', error: plan.error };
    if (!isSteps(plan.value)) return { kind: 'skipped', reason: plan.value.skip, probes: questions };
    const run = done.get(index);
    if (!run) return { kind: 'predicted', probes: questions };
    const results = guarded(() => resultsOf(run.answer, run.steps));
    return 'error' in results ? { kind: 'failed', error: results.error } : { kind: 'ran', results: results.value };
  });
}

function isSteps(plan: readonly Step[] | { readonly skip: string }): plan is readonly Step[] {
  return Array.isArray(plan);
}
