import type { Frame, Section, SectionAnswer } from '../contract/frame.ts';
import type { LoadedInput, ResourceModule } from '../contract/module.ts';
import type { Answer, Probe } from '../contract/probe.ts';
import type { Change, Step, StepResult } from '../contract/step.ts';
import { BenchError, StepFailedError } from '../core/errors.ts';
import { keyOf } from './foresight.ts';
import { commandOf } from './record.ts';

/** How often a plan is made again because the host changed between asking and acting. */
export const MOST_PLANS = 8;

/** Sends one frame to the task's host with the task's rights, limits and signal. */
export type Exchange = (frame: Frame, along?: SentAlong) => Promise<readonly SectionAnswer[]>;

/** Where not all sections are the sender's own. */
export interface SentAlong {
  /** Takes what a section's steps write. */
  readonly onOutput: (text: string, section: number) => void;
  readonly onAnswer: (answer: SectionAnswer, section: number) => void;
}

/** One call of a module: a task, or one item of its loop. */
export interface Call {
  readonly params: unknown;
  readonly inputs: readonly LoadedInput[];
}

export type Converged =
  | {
      readonly kind: 'converged';
      readonly changes: readonly Change[];
      readonly result: Readonly<Record<string, unknown>>;
      /** The questions on whose answers it rests. */
      readonly probes: readonly Probe[];
    }
  | { readonly kind: 'failed'; readonly error: unknown; readonly changes: readonly Change[] };

interface Attempt {
  readonly call: Call;
  readonly probes: readonly Probe[];
  readonly changes: readonly Change[];
  readonly fingerprint: string;
  readonly plans: number;
}

/**
 * Brings all calls to their state: one frame asks for all of them, a second one acts for those that differ. A call that
 * another one's act made stale is planned again from the fresh answers. In check mode nothing acts.
 */
export async function converge(
  module: ResourceModule,
  calls: readonly Call[],
  exchange: Exchange,
  mode: 'apply' | 'check',
): Promise<readonly Converged[]> {
  const ends: (Converged | undefined)[] = calls.map(() => undefined);
  const open = new Map<number, Attempt>();
  const probes = calls.map((call) => guarded(() => module.probe(call.params, call.inputs)));
  const asked = await exchange({
    sections: probes.map((list) => ({ kind: 'ask', probes: 'value' in list ? list.value : [] })),
  });

  const plan = (index: number, answers: readonly Answer[], fingerprint: string, plans: number): void => {
    const call = calls[index];
    const list = probes[index];
    if (!call || !list) return;
    const made = 'error' in list ? list : guarded(() => planOf(module, call, answers));
    if ('error' in made) {
      ends[index] = { kind: 'failed', error: made.error, changes: [] };
    } else if (made.value.changes.length === 0 || mode === 'check') {
      ends[index] = { kind: 'converged', ...made.value, probes: 'value' in list ? list.value : [] };
    } else if (plans >= MOST_PLANS) {
      ends[index] = { kind: 'failed', error: unstable(plans), changes: [] };
    } else {
      open.set(index, {
        call,
        probes: 'value' in list ? list.value : [],
        changes: made.value.changes,
        fingerprint,
        plans,
      });
      return;
    }
    open.delete(index);
  };

  for (const [index, answer] of asked.entries()) {
    if (answer.kind === 'answers') plan(index, answer.answers, answer.fingerprint, 0);
  }
  // Many items share a question that none of them changes; only when one made another one stale they are told apart.
  let isDependent = false;
  while (open.size > 0) {
    const { acting, next } = isDependent ? independent([...open]) : { acting: [...open], next: undefined };
    const sections: Section[] = acting.map(([, attempt]) => toSection(module, attempt));
    if (next) sections.push({ kind: 'ask', probes: next[1].probes });
    const answers = await exchange({ sections });
    for (const [place, [index, attempt]] of acting.entries()) {
      const answer = answers[place];
      if (!answer || answer.kind === 'notReached' || answer.kind === 'answers') continue;
      if (answer.kind === 'stale') {
        isDependent = true;
        plan(index, answer.answers, answer.fingerprint, attempt.plans + 1);
        continue;
      }
      ends[index] =
        answer.kind === 'done' ? afterwards(module, attempt, answer.after) : failedStep(attempt, answer.results);
      open.delete(index);
    }
    const asked = answers[acting.length];
    if (next && asked?.kind === 'answers') plan(next[0], asked.answers, asked.fingerprint, next[1].plans);
  }
  return ends.map((end) => end ?? { kind: 'failed', error: new Error('a call has no answer'), changes: [] });
}

type Numbered = readonly [index: number, attempt: Attempt];

/**
 * The attempts, from the first one on, of which none looks at what another one changes, and the one behind them: its plan
 * is out of date once they have acted, so it is asked again in the same frame.
 */
function independent(attempts: readonly Numbered[]): {
  readonly acting: readonly Numbered[];
  readonly next: Numbered | undefined;
} {
  const seen = new Set<string>();
  const end = attempts.findIndex(([, { probes }]) => {
    const keys = probes.map(keyOf);
    const isSeen = keys.some((key) => seen.has(key));
    for (const key of keys) seen.add(key);
    return isSeen;
  });
  return end < 0 ? { acting: attempts, next: undefined } : { acting: attempts.slice(0, end), next: attempts[end] };
}

function toSection(module: ResourceModule, { call, probes, fingerprint, changes }: Attempt): Section {
  const steps = changes.flatMap((change) => change.steps);
  const isOpenEnded = !module.isCertain(call.params);
  return { kind: 'act', guard: { probes, fingerprint }, steps, after: probes, onFailure: 'continue', isOpenEnded };
}

function planOf(module: ResourceModule, { params, inputs }: Call, answers: readonly Answer[]) {
  const state = module.read(answers, params, inputs);
  return { changes: module.plan(state, params, inputs), result: module.result(state, params) };
}

function afterwards(module: ResourceModule, { call, changes, probes }: Attempt, answers: readonly Answer[]): Converged {
  const made = guarded(() => planOf(module, call, answers));
  if ('error' in made) return { kind: 'failed', error: made.error, changes };
  const left = made.value.changes;
  if (left.length === 0) return { kind: 'converged', changes, result: made.value.result, probes };
  const wishes = left.map(
    ({ what, before, after }) => `${what}: is ${before ?? 'absent'}, should be ${after ?? 'absent'}`,
  );
  const error = new BenchError('E_NOT_CONVERGED', `did not converge: ${wishes.join('; ')}`, {
    hint: 'the steps ended well and the host is still not so; run the task with -vv to see their output',
  });
  return { kind: 'failed', error, changes };
}

function failedStep({ changes }: Attempt, results: readonly StepResult[]): Converged {
  const steps = changes.flatMap((change) => change.steps);
  return { kind: 'failed', error: stepFailed(steps[results.length - 1], results.at(-1)), changes: [] };
}

function stepFailed(step: Step | undefined, result: StepResult | undefined): StepFailedError {
  const { code = -1, stdout = '', stderr = '' } = result ?? {};
  return new StepFailedError({ command: commandOf(step), exitCode: code, stdout, stderr });
}

/** The results of steps that all have to be done; throws at the first that was not. */
export function resultsOf(answer: SectionAnswer | undefined, steps: readonly Step[]): readonly StepResult[] {
  if (answer?.kind === 'done') return answer.results;
  if (answer?.kind === 'stepFailed') throw stepFailed(steps[answer.results.length - 1], answer.results.at(-1));
  throw new BenchError('E_STALE', 'the host changed between asking and acting', { hint: 'run it again' });
}

export function unstable(plans: number): BenchError {
  return new BenchError('E_UNSTABLE', `the host changed ${plans} times between asking and acting`, {
    hint: 'see what else works on this host at the same time',
  });
}

export type Guarded<T> = { readonly value: T } | { readonly error: unknown };

/** A module's own refusal belongs to one item of a loop, not to the whole task. */
export function guarded<T>(work: () => T): Guarded<T> {
  try {
    return { value: work() };
  } catch (error) {
    if (error instanceof BenchError) return { error };
    throw error;
  }
}
