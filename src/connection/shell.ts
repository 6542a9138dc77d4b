import { StringDecoder } from 'node:string_decoder';
import type { Clock } from '../contract/clock.ts';
import { BenchError } from '../core/errors.ts';
import { renderBootstrap } from './bootstrap.ts';
import { type Collector, collectAll, collectEnds } from './collected.ts';
import type { SlotOutput } from './decode.ts';
import { type Hello, type Launched, type LaunchOptions, launch, type StreamName } from './launch.ts';
import type { ChannelExit, Transport } from './transport.ts';

/** The most that one question may answer. */
const ANSWER_BYTES = 64 * 1024 * 1024;

export interface ShellRequest {
  readonly script: string;
  /** Files that the script finds in its `bench_dir`, sent before it. */
  readonly uploads: readonly Upload[];
  readonly onOutput: ((piece: string) => void) | undefined;
}

export interface Upload {
  readonly name: string;
  readonly sizeBytes: number;
  /** Exactly `sizeBytes` in all. */
  readonly pieces: () => AsyncIterable<Uint8Array>;
}

export interface ShellReply {
  readonly slots: ReadonlyMap<number, SlotOutput>;
  /** Exit code of the frame's own shell: 0 unless something ended it. */
  readonly code: number;
}

/** Everything that was known when a shell went away in the middle of a request. */
export class ShellGoneError extends Error {
  readonly exit: ChannelExit;
  /** The step that had begun and not ended, if any. */
  readonly openSlot: number | undefined;
  readonly slots: ReadonlyMap<number, SlotOutput>;

  constructor(exit: ChannelExit, openSlot: number | undefined, slots: ReadonlyMap<number, SlotOutput>) {
    super('the shell went away', exit.kind === 'lost' ? { cause: exit.cause } : undefined);
    this.name = 'ShellGoneError';
    this.exit = exit;
    this.openSlot = openSlot;
    this.slots = slots;
  }
}

/** One long-lived `sh` of one privilege. Takes one request at a time. */
export interface LiveShell {
  readonly hello: Promise<Hello>;
  isUsable(): boolean;
  /** Rejects with `ShellGoneError` when the shell ends first. */
  run(request: ShellRequest): Promise<ShellReply>;
  close(): void;
  readonly traffic: () => { readonly sentBytes: number; readonly receivedBytes: number };
}

export async function startShell(transport: Transport, options: Omit<LaunchOptions, 'body'>): Promise<LiveShell> {
  const { nonce, privilege, clock } = options;
  let reading: Reading | undefined;
  let sentBytes = 0;
  let receivedBytes = 0;
  let isOpen = true;

  const launched: Launched = await launch(
    transport,
    { ...options, body: renderBootstrap(nonce) },
    {
      onBytes(stream, bytes) {
        receivedBytes += bytes.length;
        reading?.onBytes(stream, bytes);
      },
      onMarker(stream, words) {
        receivedBytes += nonce.length;
        reading?.onMarker(stream, words);
      },
    },
  );
  const { channel, hello, ended } = launched;
  hello.catch(() => {
    isOpen = false;
  });
  void channel.exit.then(() => {
    isOpen = false;
  });
  // One that ended before its hello has said why by rejecting that.
  void ended.then((exit) =>
    hello.then(
      () => reading?.onGone(exit),
      () => {},
    ),
  );

  async function write(bytes: Uint8Array | string): Promise<void> {
    sentBytes += typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.length;
    if (channel.stdin.write(bytes) || !isOpen) return;
    await Promise.race([new Promise((drain) => channel.stdin.once('drain', drain)), channel.exit]);
  }

  async function send({ uploads, script }: ShellRequest): Promise<void> {
    // A sudo that may ask for a password reads the same stream: nothing may lie in it before the shell is there.
    if (privilege.kind === 'sudo' && privilege.password !== undefined) await hello;
    for (const { name, sizeBytes, pieces } of uploads) {
      await write(`U ${sizeBytes} ${name}\n`);
      for await (const piece of pieces()) await write(piece);
    }
    await write(`S ${Buffer.byteLength(script)}\n${script}`);
  }

  return {
    hello,
    isUsable: () => isOpen,
    async run(request) {
      const reply = Promise.withResolvers<ShellReply>();
      reading = createReading(request, reply, clock);
      hello.catch(reply.reject);
      send(request).catch((error) => {
        // The stream is out of step now: this shell can take no other request.
        channel.close();
        isOpen = false;
        reply.reject(error);
      });
      try {
        return await reply.promise;
      } catch (error) {
        isOpen = false;
        throw error;
      } finally {
        reading = undefined;
      }
    },
    close() {
      isOpen = false;
      channel.close();
    },
    traffic: () => ({ sentBytes, receivedBytes }),
  };
}

interface Reading {
  onBytes(stream: StreamName, bytes: Buffer): void;
  onMarker(stream: StreamName, words: readonly string[]): void;
  onGone(exit: ChannelExit): void;
}

interface HalfOutput {
  readonly code: number;
  readonly bytes: Uint8Array;
  readonly elapsedMs: number;
}

interface HalfStream {
  readonly done: Map<number, HalfOutput>;
  collector: Collector;
  openSlot: number | undefined;
  startedMs: number;
  decoder: StringDecoder | undefined;
  frameCode: number | undefined;
}

/** Sorts what comes on both streams into slots until both said that the frame has ended. */
function createReading(request: ShellRequest, reply: PromiseWithResolvers<ShellReply>, clock: Clock): Reading {
  const tooLong = () =>
    reply.reject(
      new BenchError('E_ANSWER_TOO_LARGE', 'a probe answered more than 64 MiB', {
        hint: 'ask for a digest, or for a part of it',
      }),
    );
  const fresh = () => collectAll(ANSWER_BYTES, tooLong);
  const half = (): HalfStream => ({
    done: new Map(),
    collector: fresh(),
    openSlot: undefined,
    startedMs: clock.monotonicMs(),
    decoder: undefined,
    frameCode: undefined,
  });
  const streams: Record<StreamName, HalfStream> = { stdout: half(), stderr: half() };

  function begin(stream: HalfStream, slot: number): void {
    stream.openSlot = slot;
    stream.startedMs = clock.monotonicMs();
    stream.collector = collectEnds();
    stream.decoder = request.onOutput && new StringDecoder('utf8');
  }

  function end(stream: HalfStream, slot: number, code: number): void {
    const rest = stream.decoder?.end();
    if (rest) request.onOutput?.(rest);
    const elapsedMs = clock.monotonicMs() - stream.startedMs;
    stream.done.set(slot, { code, bytes: stream.collector.bytes(), elapsedMs });
    stream.openSlot = undefined;
    stream.decoder = undefined;
    stream.collector = fresh();
  }

  function slots(): ReadonlyMap<number, SlotOutput> {
    const none = { bytes: new Uint8Array() };
    return new Map(
      [...streams.stdout.done].map(([slot, { code, bytes, elapsedMs }]) => [
        slot,
        { code, stdout: bytes, stderr: (streams.stderr.done.get(slot) ?? none).bytes, elapsedMs },
      ]),
    );
  }

  return {
    onBytes(name, bytes) {
      const stream = streams[name];
      stream.collector.add(bytes);
      const piece = stream.decoder?.write(bytes);
      if (piece) request.onOutput?.(piece);
    },
    onMarker(name, [kind, first = '', second = '']) {
      const stream = streams[name];
      if (kind === 'B') begin(stream, Number(first));
      if (kind === 'E') end(stream, Number(first), Number(second));
      if (kind !== 'F') return;
      // Whatever ended the frame's shell ended its open step too.
      if (stream.openSlot !== undefined) end(stream, stream.openSlot, Number(first));
      stream.frameCode = Number(first);
      const { stdout, stderr } = streams;
      if (stdout.frameCode !== undefined && stderr.frameCode !== undefined) {
        reply.resolve({ slots: slots(), code: stdout.frameCode });
      }
    },
    onGone: (exit) => reply.reject(new ShellGoneError(exit, streams.stdout.openSlot, slots())),
  };
}
