import type { Clock } from '../contract/clock.ts';
import type { HostName, Privilege } from '../contract/host.ts';
import { formatDuration } from '../core/duration.ts';
import { BenchError, TimeLimitError } from '../core/errors.ts';
import { atMost } from './at-most.ts';
import { endGroup } from './end-group.ts';
import { interruptionOf } from './interruption.ts';
import type { Link } from './link.ts';
import type { ShellReply } from './reading.ts';
import { type LiveShell, type ShellRequest, startShell } from './shell.ts';
import type { Transport } from './transport.ts';

/** The shell of one privilege on one host: started when it is needed, and again when it is gone. */
export interface Lane {
  /** One request after the other, in the order of the calls. */
  run(privilege: Privilege, bounds: Bounds, prepare: () => Promise<ShellRequest>): Promise<ShellReply>;
  drop(): void;
  traffic(): Traffic;
}

export interface Bounds {
  /** Counts from when the request's turn comes. */
  readonly limitMs: number | undefined;
  readonly signal: AbortSignal;
}

export interface Traffic {
  readonly sentBytes: number;
  readonly receivedBytes: number;
}

export interface LaneOptions {
  readonly host: HostName;
  readonly nonce: string;
  readonly clock: Clock;
  readonly link: Link;
}

/** So long a shell that was just started is waited for, to learn what is to be ended. */
const HELLO_MS = 3_000;

interface Started {
  readonly shell: LiveShell;
  readonly transport: Transport;
}

export function createLane({ host, nonce, clock, link }: LaneOptions): Lane {
  let started: Started | undefined;
  let earlier: Traffic = { sentBytes: 0, receivedBytes: 0 };
  let tail: Promise<unknown> = Promise.resolve();

  function traffic(): Traffic {
    const now = started?.shell.traffic();
    return {
      sentBytes: earlier.sentBytes + (now?.sentBytes ?? 0),
      receivedBytes: earlier.receivedBytes + (now?.receivedBytes ?? 0),
    };
  }

  function drop(): void {
    earlier = traffic();
    started?.shell.close();
    started = undefined;
  }

  function shellFor(privilege: Privilege, signal: AbortSignal): Promise<LiveShell> {
    return link.use(signal, async (transport) => {
      if (started?.shell.isUsable() && started.transport === transport) return started.shell;
      drop();
      const shell = await startShell(transport, { host, privilege, nonce, clock });
      started = { shell, transport };
      return shell;
    });
  }

  async function endCommands(privilege: Privilege): Promise<void> {
    if (!started) return;
    const { shell, transport } = started;
    const hello = await atMost(HELLO_MS, clock, shell.hello);
    if (hello) await endGroup(transport, { host, privilege, nonce, clock }, hello.group);
  }

  async function runNow(
    privilege: Privilege,
    { limitMs, signal }: Bounds,
    prepare: () => Promise<ShellRequest>,
  ): Promise<ShellReply> {
    if (signal.aborted) throw interruptionOf(signal);
    const request = await prepare();
    const running = shellFor(privilege, signal).then((shell) => shell.run(request));
    const over = new AbortController();
    const stop = Promise.withResolvers<BenchError>();
    const onAbort = () => stop.resolve(interruptionOf(signal));
    signal.addEventListener('abort', onAbort, { once: true });
    if (limitMs !== undefined) {
      const late = () => stop.resolve(new TimeLimitError(`${host}: not done after ${formatDuration(limitMs)}`));
      clock.sleep(limitMs, over.signal).then(late, () => {});
    }
    try {
      const first = await Promise.race([running, stop.promise]);
      if (!(first instanceof BenchError)) return first;
      running.catch(() => {});
      await endCommands(privilege);
      throw first;
    } catch (error) {
      drop();
      throw error;
    } finally {
      over.abort();
      signal.removeEventListener('abort', onAbort);
    }
  }

  return {
    run(privilege, bounds, prepare) {
      const turn = tail.then(() => runNow(privilege, bounds, prepare));
      tail = turn.catch(() => {});
      return turn;
    },
    drop,
    traffic,
  };
}
