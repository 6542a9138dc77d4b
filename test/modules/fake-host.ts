import type { Clock } from '../../src/contract/clock.ts';
import { type Session, toHostName } from '../../src/contract/host.ts';
import type { ActionHost } from '../../src/contract/module.ts';
import type { Answer } from '../../src/contract/probe.ts';
import type { Step, StepResult } from '../../src/contract/step.ts';
import { BenchError, UnreachableError } from '../../src/core/errors.ts';
import { type CaseFile, shownStep, toAnswer } from './case-file.ts';

export interface FakeHost {
  readonly host: ActionHost;
  /** Lines that were reported, steps that were run, files that were saved. */
  readonly reports: readonly string[];
  readonly ran: readonly unknown[];
  readonly saved: ReadonlyMap<string, string>;
  /** Answers and results that nobody asked for. */
  leftOver(): number;
}

/** A clock whose time stands still until somebody sleeps; a sleep ends once nothing else is to be done before it. */
export function createFakeClock(): Clock {
  let now = 0;
  const sleepers = new Set<{ readonly at: number; readonly wake: () => void }>();
  const wakeFirst = () => {
    const [first] = [...sleepers].sort((a, b) => a.at - b.at);
    if (!first) return;
    sleepers.delete(first);
    now = Math.max(now, first.at);
    first.wake();
  };
  return {
    now: () => now,
    monotonicMs: () => now,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = { at: now + ms, wake: resolve };
        sleepers.add(sleeper);
        signal.addEventListener('abort', () => {
          sleepers.delete(sleeper);
          reject(signal.reason);
        });
        setImmediate(wakeFirst);
      }),
  };
}

/** A host that answers one question after the other with what the case says, whatever was asked. */
export function createFakeHost(
  given: Pick<CaseFile, 'answers' | 'results' | 'values' | 'saved'>,
  clock = createFakeClock(),
): FakeHost {
  const answers = [...given.answers];
  const results = [...given.results];
  const reports: string[] = [];
  const ran: unknown[] = [];
  const saved = new Map<string, string>();
  const session: Session = {
    host: toHostName('host1'),
    exchange: () => Promise.reject(new Error('an action asks and runs through its host')),
    stream: () => Promise.reject(new Error('no stream here')),
    reconnect: async () => {},
    counters: () => ({ roundTrips: 0, sentBytes: 0, receivedBytes: 0 }),
    close: async () => {},
  };
  const host: ActionHost = {
    name: toHostName('host1'),
    privilege: { kind: 'login' },
    clock,
    variables: {},
    session: async () => session,
    ask: async (probes) =>
      toTuple(
        probes.map((probe) => {
          const next = answers.shift();
          if (!next) throw new Error(`the case has no answer for ${JSON.stringify(probe)}`);
          if ('unreachable' in next) throw new UnreachableError('E_UNREACHABLE', next.unreachable);
          const answer = toAnswer(next);
          if (answer.kind !== probe.kind) throw new Error(`the case answers a ${probe.kind} probe with ${answer.kind}`);
          return answer;
        }),
      ),
    run: async (steps) => steps.map((step) => resultOf(step)),
    other: () => host,
    evaluate(expression) {
      if (!Object.hasOwn(given.values, expression))
        throw new BenchError('E_UNKNOWN_VARIABLE', `unknown: ${expression}`);
      return given.values[expression];
    },
    report: (line) => reports.push(line),
    async saveFile(path, bytes) {
      saved.set(path, new TextDecoder().decode(bytes));
      return `/controller/${path}`;
    },
    savedDigest: async (path) => given.saved[path],
    measureMigration: () => Promise.reject(new Error('no migration here')),
  };
  function resultOf(step: Step): StepResult {
    ran.push(shownStep(step));
    const next = results.shift() ?? { code: 0, stdout: '', stderr: '' };
    if ('unreachable' in next) throw new UnreachableError('E_UNREACHABLE', next.unreachable);
    return { ...next, elapsedMs: 1 };
  }
  return { host, reports, ran, saved, leftOver: () => answers.length + results.length };
}

function toTuple<T>(answers: readonly Answer[]): T {
  return answers as unknown as T;
}
