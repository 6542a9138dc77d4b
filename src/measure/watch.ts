import type { ActionHost } from '../contract/module.ts';
import { PreconditionError } from '../core/errors.ts';
import { type Observation, parseObservation, readObserverFailure } from './observation.ts';
import { programText } from './program.ts';

export interface WatchOptions {
  readonly guest: string;
  readonly address: string;
  readonly heartbeatPort: number;
  readonly spacingMs: number;
  /** After this time the observer ends whatever happens. */
  readonly limitMs: number;
}

/** The observer at work. */
export interface Watch {
  /** What it has seen so far. */
  text(): string;
  /**
   * Tells it that the migration is over, and gives what it saw. `settled`: until the guest had answered for a while, or stayed
   * away for longer than spanning tree takes. `now`: until now, for a guest that is known not to run.
   */
  finish(until: 'settled' | 'now', signal: AbortSignal): Promise<Observation | undefined>;
  /** Ends it at once. */
  stop(): Promise<void>;
}

/** For how long replies must come again after the switch, and how long bench waits for them: longer than spanning tree takes. */
const SETTLE_MS = 600;
const ABSENT_MS = 45_000;
/** Signs of life before the migration may begin: enough to know how slow the way is. */
const BASELINE_REPLIES = 250;
const BASELINE_HEARTBEATS = 20;
const BASELINE_LIMIT_MS = 8_000;

/**
 * Starts the observer and waits until it has seen the guest answer. Throws `PreconditionError` when it does not see it:
 * then nothing may be moved.
 */
export async function startWatch(host: ActionHost, options: WatchOptions, signal: AbortSignal): Promise<Watch> {
  const { guest, address, heartbeatPort, spacingMs, limitMs } = options;
  const session = await host.session();
  const stopping = new AbortController();
  const decoder = new TextDecoder();
  let text = '';
  let errors = '';
  let onChange = () => {};
  const args = [address, heartbeatPort, guest, spacingMs, Math.ceil(limitMs / 1000), SETTLE_MS, ABSENT_MS].map(String);
  const ended = session
    .stream(['python3', '-IS', '-', ...args], {
      privilege: host.privilege,
      stdin: programText('observe.py'),
      onStdout(piece) {
        text += decoder.decode(piece, { stream: true });
        onChange();
      },
      onStderr(piece) {
        errors += Buffer.from(piece).toString('utf8');
      },
      signal: stopping.signal,
    })
    .finally(() => onChange());
  let isOver = false;
  const over = ended.then(
    ({ code }) => {
      isOver = true;
      return code;
    },
    (thrown: unknown) => {
      isOver = true;
      errors += String(thrown);
      return undefined;
    },
  );
  const stop = async () => {
    stopping.abort();
    await over;
  };

  const baseline = await new Promise<'seen' | 'over' | 'late' | 'aborted'>((resolve) => {
    const waiting = new AbortController();
    const settle = (how: 'seen' | 'over' | 'late' | 'aborted') => {
      onChange = () => {};
      waiting.abort();
      signal.removeEventListener('abort', onAbort);
      resolve(how);
    };
    const onAbort = () => settle('aborted');
    signal.addEventListener('abort', onAbort);
    onChange = () => {
      if (readObserverFailure(text) !== undefined) settle('over');
      else if (isBaseline(text)) settle('seen');
    };
    void over.then(() => settle('over'));
    host.clock.sleep(BASELINE_LIMIT_MS, waiting.signal).then(
      () => settle('late'),
      () => {},
    );
    if (signal.aborted) onAbort();
  });
  if (baseline !== 'seen') {
    await stop();
    signal.throwIfAborted();
    const reason =
      readObserverFailure(text) ?? (baseline === 'late' ? 'it does not answer' : errors.trim() || 'its program ended');
    throw new PreconditionError(
      `${host.name} does not see ${guest} at ${address}: ${reason}`,
      `ping -c 3 ${address} on ${host.name}`,
    );
  }

  return {
    text: () => text,
    stop,
    async finish(until, finishing) {
      const pid = parseObservation(text)?.pid;
      if (pid !== undefined && !isOver) {
        // Where the observer cannot be told, it is ended below, and what it has seen until then counts.
        await host
          .run(
            [{ kind: 'run', argv: ['kill', until === 'now' ? '-TERM' : '-USR1', String(pid)], accept: 'any' }],
            finishing,
          )
          .catch(() => stopping.abort());
        const waiting = new AbortController();
        const late = host.clock.sleep(ABSENT_MS + 10_000, AbortSignal.any([finishing, waiting.signal])).then(
          () => stopping.abort(),
          () => finishing.aborted && stopping.abort(),
        );
        await over;
        waiting.abort();
        await late;
      }
      await stop();
      return parseObservation(text);
    },
  };
}

function isBaseline(text: string): boolean {
  if (text.length < BASELINE_REPLIES * 8) return false;
  const observation = parseObservation(text);
  if (!observation) return false;
  const replies = observation.requests.filter(({ answeredMs }) => answeredMs !== undefined).length;
  const elapsedMs = observation.requests.at(-1)?.sentFromMs ?? 0;
  return replies >= BASELINE_REPLIES && (observation.heartbeats.length >= BASELINE_HEARTBEATS || elapsedMs > 1500);
}
