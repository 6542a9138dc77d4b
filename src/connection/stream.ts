import type { Clock } from '../contract/clock.ts';
import type { StreamEnd, StreamOptions } from '../contract/host.ts';
import { UnreachableError } from '../core/errors.ts';
import { endGroup } from './end-group.ts';
import { launch } from './launch.ts';
import { quoteAll } from './quote.ts';
import type { Transport } from './transport.ts';

export interface StreamContext {
  readonly host: string;
  readonly nonce: string;
  readonly clock: Clock;
}

/** So long a command that was told to end is waited for before its channel is dropped. */
const END_MS = 10_000;

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
  const launched = await launch(
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
  const { channel, hello, ended } = launched;
  hello.catch(end.reject);
  void ended.then((exit) => {
    if (signal.aborted) end.resolve({ code: undefined });
    else if (exit.kind !== 'lost') end.resolve({ code: exit.kind === 'exited' ? exitCodeOf(exit.code) : undefined });
    else end.reject(lostStream(host, argv, exit.cause));
  });
  const onAbort = async () => {
    const enough = new AbortController();
    try {
      const { group } = await hello;
      const late = clock.sleep(END_MS, enough.signal).catch(() => {});
      await Promise.race([endGroup(transport, { host, privilege, nonce, clock }, group), late]);
    } catch {
      // The channel is dropped below all the same, which is all that can be done without the group.
    }
    enough.abort();
    channel.close();
    end.resolve({ code: undefined });
  };
  if (signal.aborted) void onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  try {
    await hello;
    channel.stdin.end(stdin ?? '');
    return await end.promise;
  } finally {
    signal.removeEventListener('abort', onAbort);
    if (!signal.aborted) channel.close();
  }
}

function renderStream(argv: readonly string[], nonce: string): string {
  const mark = (words: string) => `printf "\\036${nonce} ${words}\\n"`;
  return [
    'unset CDPATH ENV BASH_ENV',
    'LC_ALL=C; PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; export LC_ALL PATH',
    'read -r a b c d g z </proc/$$/stat 2>/dev/null || g=$$',
    `${mark('H %s %s')} "$$" "$g"`,
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
