import type { ActSection, Frame, SectionAnswer } from '../../../src/contract/frame.ts';
import type { ExchangeOptions, HostName, Session } from '../../../src/contract/host.ts';
import type { Answer, Probe } from '../../../src/contract/probe.ts';
import type { Step, StepResult } from '../../../src/contract/step.ts';

/** Somebody else changes a cell between the asking and the acting of a task: just before the first step of that name. */
export interface OutsideChange {
  readonly before: string;
  readonly cell: string;
  /** Undefined: it goes away. */
  readonly value: string | undefined;
}

/** A host in memory: cells with texts, and a log of every step that it ran. */
export interface SimulatedHost {
  readonly session: Session;
  readonly cells: Map<string, string>;
  readonly log: readonly string[];
}

/** Keeps to `contract/frame.ts`, as the session with a real shell does. */
export function createSimulatedHost(
  host: HostName,
  initial: Readonly<Record<string, string>>,
  outside: readonly OutsideChange[],
): SimulatedHost {
  const cells = new Map(Object.entries(initial));
  const log: string[] = [];
  const pending = new Map(outside.map((change) => [change.before, change]));
  let roundTrips = 0;

  const meddle = ({ steps }: ActSection): void => {
    for (const step of steps) {
      const change = pending.get(idOf(step));
      if (!change) continue;
      pending.delete(change.before);
      if (change.value === undefined) cells.delete(change.cell);
      else cells.set(change.cell, change.value);
    }
  };
  const asked = (probes: readonly Probe[]) => {
    const answers = probes.map((probe) => answerTo(probe, cells));
    return { answers, fingerprint: JSON.stringify(answers.filter((_, index) => !isVolatile(probes[index]))) };
  };

  const answered = (probes: readonly Probe[]): SectionAnswer => ({ kind: 'answers', ...asked(probes) });

  async function exchange(frame: Frame, { privilege, onAnswer }: ExchangeOptions): Promise<readonly SectionAnswer[]> {
    roundTrips += 1;
    await Promise.resolve();
    const user = privilege.kind === 'sudo' ? privilege.user : 'login';
    let isStale = false;
    let isHalted = false;
    const act = (section: ActSection): SectionAnswer => {
      const { guard, steps, after, onFailure, stopsOnNonZero } = section;
      const isGuarded = guard?.probes.some((probe) => !isVolatile(probe)) === true;
      const differs = () => isGuarded && asked(guard.probes).fingerprint !== guard.fingerprint;
      if (!isStale && !differs()) meddle(section);
      if (isStale || differs()) {
        isStale = true;
        return isGuarded ? { kind: 'stale', ...asked(guard.probes) } : { kind: 'notReached' };
      }
      const results: StepResult[] = [];
      for (const step of steps) {
        const result = runStep(step, cells);
        log.push(`${user} ${textOf(step)} ${result.code}`);
        results.push(result);
        if (!accepts(step, result.code)) {
          if (onFailure === 'stop') isHalted = true;
          return { kind: 'stepFailed', results };
        }
        if (stopsOnNonZero && result.code !== 0) isHalted = true;
      }
      const { answers, fingerprint } = asked(after);
      return { kind: 'done', results, after: answers, fingerprint };
    };
    const answers: SectionAnswer[] = [];
    for (const [index, section] of frame.sections.entries()) {
      const answer = isHalted ? NOT_REACHED : section.kind === 'ask' ? answered(section.probes) : act(section);
      answers.push(answer);
      if (answer.kind !== 'done') continue;
      onAnswer?.(answer, index);
      await Promise.resolve();
    }
    return answers;
  }

  return {
    cells,
    log,
    session: {
      host,
      exchange,
      stream: () => Promise.reject(new Error('nothing is streamed here')),
      reconnect: async () => undefined,
      counters: () => ({ roundTrips, sentBytes: 0, receivedBytes: 0 }),
      close: async () => undefined,
    },
  };
}

const NOT_REACHED: SectionAnswer = { kind: 'notReached' };

function isVolatile(probe: Probe | undefined): boolean {
  return probe?.kind === 'command' && probe.isVolatile === true;
}

function answerTo(probe: Probe, cells: ReadonlyMap<string, string>): Answer {
  switch (probe.kind) {
    case 'text': {
      const text = cells.get(probe.path.slice(1));
      return { kind: 'text', text, bytes: text === undefined ? undefined : new TextEncoder().encode(text) };
    }
    case 'command': {
      const text = cells.get(probe.argv[1] ?? '');
      return { kind: 'command', code: text === undefined ? 1 : 0, stdout: text ?? '', stderr: '' };
    }
    case 'path':
      return { kind: 'path', entry: cells.has(probe.path.slice(1)) ? ENTRY : undefined };
    case 'digest':
      return { kind: 'digest', sha256: cells.get(probe.path.slice(1)) };
  }
}

const ENTRY = {
  type: 'file',
  mode: 0o644,
  owner: 'root',
  group: 'root',
  uid: 0,
  gid: 0,
  sizeBytes: 1,
  modifiedS: 1,
  inode: 1,
} as const;

/** Steps are `[verb, id of the task, cell, value]`. */
function idOf(step: Step): string {
  return step.kind === 'run' ? (step.argv[1] ?? '') : '';
}

function textOf(step: Step): string {
  return step.kind === 'run' ? step.argv.join(' ') : `write ${step.path}`;
}

function accepts(step: Step, code: number): boolean {
  const accept = (step.kind === 'run' ? step.accept : undefined) ?? [0];
  return accept === 'any' || accept.includes(code);
}

function runStep(step: Step, cells: Map<string, string>): StepResult {
  const [verb = '', , cell = '', value = ''] = step.kind === 'run' ? step.argv : [];
  const end = (code: number, stdout = ''): StepResult => ({ code, stdout, stderr: '', elapsedMs: 0 });
  const is = cells.get(cell);
  switch (verb) {
    case 'set':
      if (cells.get('lock') === 'on' && cell !== 'lock') return end(5);
      cells.set(cell, value);
      return end(0);
    case 'set-unless-off':
      if (cells.get('lock') !== 'off') cells.set(cell, value);
      return end(0);
    case 'copy': {
      const from = cells.get(value);
      if (from === undefined) return end(6);
      cells.set(cell, from);
      return end(0);
    }
    case 'remove':
      cells.delete(cell);
      return end(0);
    case 'bump':
      cells.set(cell, String(((Number(is) || 0) + 1) % 10));
      return end(0, cells.get(cell));
    case 'need':
      return end(is === value ? 0 : 1, is);
    case 'show':
      return end(is === undefined ? 2 : 0, is);
    default:
      throw new Error(`no verb ${verb}`);
  }
}
