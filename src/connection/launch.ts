import type { Clock } from '../contract/clock.ts';
import type { Privilege } from '../contract/host.ts';
import { UnreachableError } from '../core/errors.ts';
import { linesOf } from '../core/text.ts';
import { createMarkerSplitter } from './markers.ts';
import { explainSudo, renderLaunch, wrongSudoPassword } from './privilege.ts';
import type { Channel, ChannelExit, Transport } from './transport.ts';

export interface LaunchOptions {
  readonly host: string;
  readonly privilege: Privilege;
  readonly nonce: string;
  /** POSIX shell text. Says hello by a marker line `H PID GROUP` on stdout. */
  readonly body: string;
  readonly clock: Clock;
}

export type StreamName = 'stdout' | 'stderr';

export interface LaunchEvents {
  /** After the hello only: a banner or what a login shell's start files write is dropped. */
  readonly onBytes: (stream: StreamName, bytes: Buffer) => void;
  readonly onMarker: (stream: StreamName, words: readonly string[]) => void;
}

export interface Launched {
  readonly channel: Channel;
  /** Rejects when the process ends before it says hello. */
  readonly hello: Promise<Hello>;
  /** After the last byte was handed on, as far as any were to come. */
  readonly ended: Promise<ChannelExit>;
}

export interface Hello {
  readonly pid: number;
  readonly group: number;
}

/** What is kept of the words before the hello, for the error when there is none. */
const NOISE_BYTES = 4096;
/** A child in the background can hold the streams open: so long what a process wrote last is waited for. */
const DRAIN_MS = 500;

/** Starts a shell text on the host as whom the privilege says, and answers sudo when it asks for the password. */
export async function launch(transport: Transport, options: LaunchOptions, events: LaunchEvents): Promise<Launched> {
  const { host, privilege, nonce, body, clock } = options;
  const channel = await transport.open(renderLaunch(privilege, body, nonce));
  const noise: Record<StreamName, string> = { stdout: '', stderr: '' };
  const greeting = Promise.withResolvers<Hello>();
  greeting.promise.catch(() => {});
  let hasGreeted = false;
  let hasAnswered = false;

  function answerSudo(): void {
    if (privilege.kind !== 'sudo' || privilege.password === undefined) return;
    if (hasAnswered) {
      greeting.reject(wrongSudoPassword(privilege.user, host));
      channel.close();
    } else channel.stdin.write(`${privilege.password.reveal()}\n`);
    hasAnswered = true;
  }

  function listen(stream: StreamName): void {
    const split = createMarkerSplitter(nonce, {
      onBytes(bytes) {
        if (hasGreeted) events.onBytes(stream, bytes);
        else if (noise[stream].length < NOISE_BYTES) noise[stream] += bytes.toString('utf8');
      },
      onMarker(words) {
        const [kind, pid, group] = words;
        if (kind === 'H') {
          hasGreeted = true;
          greeting.resolve({ pid: Number(pid), group: Number(group) });
        } else if (kind === 'P') answerSudo();
        else events.onMarker(stream, words);
      },
    });
    channel[stream].on('data', split);
  }
  listen('stdout');
  listen('stderr');

  const ended = drained(channel, clock);
  void ended.then((exit) => {
    if (!hasGreeted) greeting.reject(explainSudo(privilege, host, noise.stderr) ?? noShell(host, exit, noise));
  });
  return { channel, hello: greeting.promise, ended };
}

async function drained(channel: Channel, clock: Clock): Promise<ChannelExit> {
  const ends = Promise.all(
    [channel.stdout, channel.stderr].map((stream) => new Promise((end) => stream.once('end', end))),
  );
  const exit = await channel.exit;
  if (exit.kind === 'lost') return exit;
  const enough = new AbortController();
  await Promise.race([ends, clock.sleep(DRAIN_MS, enough.signal).catch(() => {})]);
  enough.abort();
  return exit;
}

function noShell(host: string, exit: ChannelExit, noise: Record<StreamName, string>): UnreachableError {
  if (exit.kind === 'lost') {
    return new UnreachableError('E_CONNECTION_LOST', `${host}: the connection was lost while its shell started`, {
      cause: exit.cause,
    });
  }
  const said = linesOf(`${noise.stderr}\n${noise.stdout}`).filter((line) => line.trim() !== '');
  const how = exit.kind === 'exited' ? `exit code ${exit.code}` : exit.signal;
  const words = said.length === 0 ? 'without a word' : `saying "${said.slice(0, 3).join(' / ')}"`;
  return new UnreachableError('E_NO_SHELL', `${host}: no POSIX shell started: the login ended with ${how}, ${words}`, {
    hint: 'the login user needs a shell that can run: sh -c true',
  });
}
