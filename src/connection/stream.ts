import type { Clock } from '../contract/clock.ts';
import type { StreamEnd, StreamOptions } from '../contract/host.ts';
import { UnreachableError } from '../core/errors.ts';
import { atMost } from './at-most.ts';
import { endGroup } from './end-group.ts';
import { launch } from './launch.ts';
import { quoteAll } from './quote.ts';
import type { Transport } from './transport.ts';

export interface StreamContext {
  readonly host: string;
  readonly nonce: string;
  readonly clock: Clock;
}

/** So long a shell that was just started is waited for, to learn what is to be ended. */
const HELLO_MS = 3_000;

/**
 * Runs one command in a channel of its own. Its end is told by markers on both streams, so that children which it left
 * in the background, with the streams open, do not hold it up.
 */
export async function streamCommand(
  transport: Transport,
  argv: readonly string[],
  options: StreamOptions,
  { host, nonce, clock }: StreamContext,
): Promise<StreamEnd> {
  const { privilege, stdin, onStdout, onStderr, signal } = options;
  const end = Promise.withResolvers<StreamEnd>();
  // The hello may be what fails first, and then nobody waits for the end.
  end.promise.catch(() => {});
  const codes = new Map<string, number>();
  const launching = launch(
    transport,
    { host, privilege, nonce, clock, body: renderStream(argv, nonce) },
    {
      onBytes: (stream, bytes) => (stream === 'stdout' ? onStdout : onStderr)?.(Uint8Array.from(bytes)),
      onMarker(stream, [kind, code]) {
        if (kind === 'F') codes.set(stream, Number(code));
        if (codes.size === 2) end.resolve({ code: exitCodeOf(codes.get('stdout')) });
      },
    },
  );
  const launched = await unlessAborted(launching, signal);
  if (!launched) {
    launching.then(
      ({ channel }) => channel.close(),
      () => {},
    );
    return { code: undefined };
  }
  const { channel, hello, ended } = launched;
  hello.catch(end.reject);
  void ended.then((exit) => {
    if (signal.aborted) end.resolve({ code: undefined });
    else if (exit.kind !== 'lost') end.resolve({ code: exit.kind === 'exited' ? exitCodeOf(exit.code) : undefined });
    else end.reject(lostStream(host, argv, exit.cause));
  });
  const onAbort = async () => {
    const found = await atMost(HELLO_MS, clock, hello);
    if (found) await endGroup(transport, { host, privilege, nonce, clock }, found.group);
    channel.close();
    end.resolve({ code: undefined });
  };
  if (signal.aborted) void onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  try {
    // An abort may end the wait for a hello that never comes.
    await Promise.race([hello, end.promise]);
    channel.stdin.end(stdin ?? '');
    return await end.promise;
  } finally {
    signal.removeEventListener('abort', onAbort);
    if (!signal.aborted) channel.close();
  }
}

/** Undefined when the signal is given first: a channel on a dead connection may never open. */
async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | undefined> {
  const abort = Promise.withResolvers<undefined>();
  const onAbort = () => abort.resolve(undefined);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, abort.promise]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function renderStream(argv: readonly string[], nonce: string): string {
  const mark = (words: string) => `printf "\\036${nonce} ${words}\\n"`;
  return [
    'unset CDPATH ENV BASH_ENV',
    'LC_ALL=C; PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; export LC_ALL PATH',
    'read -r a b c d g z </proc/$$/stat 2>/dev/null || g=$$',
    `${mark('H %s %s')} "$$" "$g"`,
    // A SIGTERM to the group is for the command: this shell stays to tell how it ended, and what it wrote last.
    'trap : TERM',
    `(${quoteAll(argv)})`,
    `c=$?; ${mark('F %s')} "$c"; ${mark('F %s')} "$c" >&2`,
  ].join('; ');
}

/** The shell gives 128 + N for signal N. */
function exitCodeOf(code: number | undefined): number | undefined {
  return code !== undefined && code > 128 && code <= 128 + 64 ? undefined : code;
}

function lostStream(host: string, argv: readonly string[], cause: Error): UnreachableError {
  const message = `${host}: the connection was lost while ${argv[0] ?? 'a command'} ran: it may go on running there`;
  return new UnreachableError('E_CONNECTION_LOST', message, { cause });
}
