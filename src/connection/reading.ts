import { StringDecoder } from 'node:string_decoder';
import type { Clock } from '../contract/clock.ts';
import { BenchError } from '../core/errors.ts';
import { type Collector, collectAll, collectEnds } from './collected.ts';
import type { SlotOutput, Slots } from './decode.ts';
import type { StreamName } from './launch.ts';
import type { ChannelExit } from './transport.ts';

/** The most that one question may answer. */
const ANSWER_BYTES = 64 * 1024 * 1024;

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

export interface Reading {
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

/** Told of the end of each slot on each stream. */
export type OnSlot = (stream: StreamName, slot: number, slots: Slots) => void;

/** Sorts what comes on both streams into slots until both said that the frame has ended. */
export function createReading(
  onOutput: ((piece: string, slot: number) => void) | undefined,
  reply: PromiseWithResolvers<ShellReply>,
  clock: Clock,
  onSlot?: OnSlot,
): Reading {
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
    stream.decoder = onOutput && new StringDecoder('utf8');
  }

  function end(stream: HalfStream, slot: number, code: number): void {
    const rest = stream.decoder?.end();
    if (rest) onOutput?.(rest, slot);
    const elapsedMs = clock.monotonicMs() - stream.startedMs;
    stream.done.set(slot, { code, bytes: stream.collector.bytes(), elapsedMs });
    stream.openSlot = undefined;
    stream.decoder = undefined;
    stream.collector = fresh();
    onSlot?.(stream === streams.stdout ? 'stdout' : 'stderr', slot, soFar);
  }

  function joined(slot: number, { code, bytes, elapsedMs }: HalfOutput): SlotOutput {
    const stderr = streams.stderr.done.get(slot)?.bytes ?? new Uint8Array();
    return { code, stdout: bytes, stderr, elapsedMs };
  }

  const soFar: Slots = {
    has: (slot) => streams.stdout.done.has(slot),
    get(slot) {
      const half = streams.stdout.done.get(slot);
      return half && joined(slot, half);
    },
  };

  function slots(): ReadonlyMap<number, SlotOutput> {
    return new Map([...streams.stdout.done].map(([slot, half]) => [slot, joined(slot, half)]));
  }

  return {
    onBytes(name, bytes) {
      const stream = streams[name];
      stream.collector.add(bytes);
      const piece = stream.decoder?.write(bytes);
      if (piece && stream.openSlot !== undefined) onOutput?.(piece, stream.openSlot);
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
