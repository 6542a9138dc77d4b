import { randomBytes } from 'node:crypto';
import type { Clock } from '../contract/clock.ts';
import type { Frame, SectionAnswer } from '../contract/frame.ts';
import type { ExchangeOptions, HostName, Privilege, Session } from '../contract/host.ts';
import { formatDuration } from '../core/duration.ts';
import { BenchError, InterruptedError, TimeLimitError, UnreachableError } from '../core/errors.ts';
import { compileFrame } from './compile.ts';
import { prepareContents } from './contents.ts';
import { decodeSections } from './decode.ts';
import { frameBroken, goneError } from './doubt.ts';
import { endGroup } from './end-group.ts';
import { createLink } from './link.ts';
import { privilegeKey } from './privilege.ts';
import { type LiveShell, ShellGoneError, type ShellReply, type ShellRequest, startShell } from './shell.ts';
import { streamCommand } from './stream.ts';
import type { Dial, Transport } from './transport.ts';

export interface SessionOptions {
  readonly host: HostName;
  readonly dial: Dial;
  readonly clock: Clock;
}

interface Lane {
  shell: LiveShell | undefined;
  transport: Transport | undefined;
  /** Settles when the frames that were given so far are done. */
  tail: Promise<unknown>;
}

/** So long the ending of a frame's commands may take before the channel is dropped without them. */
const END_MS = 5_000;

export interface HostSession extends Session {
  /** Connects, if that is not done yet. */
  ensure(signal: AbortSignal): Promise<void>;
}

/** One host's session. Nothing is connected before the first call. */
export function createSession({ host, dial, clock }: SessionOptions): HostSession {
  const nonce = randomBytes(16).toString('hex');
  const link = createLink(dial);
  const lanes = new Map<string, Lane>();
  let roundTrips = 0;
  const closed = { sentBytes: 0, receivedBytes: 0 };

  function laneOf(privilege: Privilege): Lane {
    const key = privilegeKey(privilege);
    const lane = lanes.get(key) ?? { shell: undefined, transport: undefined, tail: Promise.resolve() };
    lanes.set(key, lane);
    return lane;
  }

  function dropShell(lane: Lane): void {
    if (!lane.shell) return;
    const { sentBytes, receivedBytes } = lane.shell.traffic();
    closed.sentBytes += sentBytes;
    closed.receivedBytes += receivedBytes;
    lane.shell.close();
    lane.shell = undefined;
  }

  async function shellOf(lane: Lane, privilege: Privilege, signal: AbortSignal): Promise<LiveShell> {
    return onTransport(signal, async (transport) => {
      if (lane.shell?.isUsable() && lane.transport === transport) return lane.shell;
      dropShell(lane);
      lane.transport = transport;
      lane.shell = await startShell(transport, { host, privilege, nonce, clock });
      return lane.shell;
    });
  }

  /** A connection that turns out to be dead when a channel is opened is made anew once: nothing ran on it yet. */
  async function onTransport<T>(signal: AbortSignal, use: (transport: Transport) => Promise<T>): Promise<T> {
    const transport = await link.transport(signal);
    try {
      return await use(transport);
    } catch (error) {
      if (transport.isAlive() || !(error instanceof UnreachableError)) throw error;
      return use(await link.transport(signal));
    }
  }

  async function exchangeNow(lane: Lane, frame: Frame, options: ExchangeOptions): Promise<readonly SectionAnswer[]> {
    const { privilege, environment, limitMs, onOutput, signal } = options;
    throwIfAborted(signal);
    const { contentOf, uploads } = await prepareContents(frame);
    const compiled = compileFrame(frame, { nonce, contentOf, ...(environment && { environment }) });
    const shell = await shellOf(lane, privilege, signal);
    roundTrips += 1;
    try {
      const request = { script: compiled.script, uploads, onOutput };
      const reply = await within({ lane, shell, privilege, limitMs, signal }, request);
      if (reply.code !== 0 && !hasOpenStep(compiled.stepSlots, reply)) throw frameBroken(host, reply.code);
      return decodeSections(compiled.sections, reply.slots);
    } catch (error) {
      throw error instanceof ShellGoneError ? goneError(host, error, compiled) : error;
    }
  }

  interface Bounds {
    readonly lane: Lane;
    readonly shell: LiveShell;
    readonly privilege: Privilege;
    readonly limitMs: number | undefined;
    readonly signal: AbortSignal;
  }

  /** Runs the request; past the limit, or when the user asks to stop, ends its commands on the host first. */
  async function within(
    { lane, shell, privilege, limitMs, signal }: Bounds,
    request: ShellRequest,
  ): Promise<ShellReply> {
    const running = shell.run(request);
    const over = new AbortController();
    const stop = Promise.withResolvers<BenchError>();
    const onAbort = () => stop.resolve(reasonOf(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    if (limitMs !== undefined) {
      clock.sleep(limitMs, over.signal).then(
        () => stop.resolve(new TimeLimitError(`${host}: not done after ${formatDuration(limitMs)}`)),
        () => {},
      );
    }
    try {
      const first = await Promise.race([running, stop.promise]);
      if (!(first instanceof BenchError)) return first;
      running.catch(() => {});
      await endCommands(lane, shell, privilege);
      throw first;
    } catch (error) {
      dropShell(lane);
      throw error;
    } finally {
      over.abort();
      signal.removeEventListener('abort', onAbort);
    }
  }

  async function endCommands({ transport }: Lane, shell: LiveShell, privilege: Privilege): Promise<void> {
    const enough = new AbortController();
    try {
      const ending = shell.hello.then(
        ({ group }) => transport && endGroup(transport, { host, privilege, nonce, clock }, group),
      );
      await Promise.race([ending, clock.sleep(END_MS, enough.signal).catch(() => {})]);
    } catch {
      // The connection is gone as well: its shell sees the end of its input and stops at its next marker.
    } finally {
      enough.abort();
    }
  }

  return {
    host,
    async ensure(signal) {
      await link.transport(signal);
    },
    exchange(frame, options) {
      const lane = laneOf(options.privilege);
      const turn = lane.tail.then(() => exchangeNow(lane, frame, options));
      lane.tail = turn.catch(() => {});
      return turn;
    },
    async stream(argv, options) {
      if (options.signal.aborted) return { code: undefined };
      const transport = await link.transport(options.signal);
      return streamCommand(transport, argv, options, { host, nonce, clock });
    },
    async reconnect(signal) {
      for (const lane of lanes.values()) dropShell(lane);
      await link.drop();
      await link.transport(signal);
    },
    counters() {
      const total = { ...closed };
      for (const { shell } of lanes.values()) {
        const traffic = shell?.traffic();
        total.sentBytes += traffic?.sentBytes ?? 0;
        total.receivedBytes += traffic?.receivedBytes ?? 0;
      }
      return { roundTrips, ...total };
    },
    async close() {
      for (const lane of lanes.values()) dropShell(lane);
      await link.drop();
    },
  };
}

function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw reasonOf(signal);
}

function reasonOf(signal: AbortSignal): BenchError {
  return signal.reason instanceof BenchError ? signal.reason : new InterruptedError();
}

/** Whether what ended the frame's shell is told by the answer to a step: its last one ended with the same code. */
function hasOpenStep(steps: ReadonlyMap<number, unknown>, { slots, code }: ShellReply): boolean {
  const last = [...slots].at(-1);
  return last !== undefined && steps.has(last[0]) && last[1].code === code;
}
