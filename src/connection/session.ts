import { randomBytes } from 'node:crypto';
import type { Clock } from '../contract/clock.ts';
import type { Frame, SectionAnswer } from '../contract/frame.ts';
import type { ExchangeOptions, HostName, Privilege, Session } from '../contract/host.ts';
import { type CompiledFrame, compileFrame } from './compile.ts';
import { prepareContents } from './contents.ts';
import { decodeSections } from './decode.ts';
import { frameBroken, goneError } from './doubt.ts';
import { createLane, type Lane } from './lane.ts';
import { createLink } from './link.ts';
import { privilegeKey } from './privilege.ts';
import { type OnSlot, ShellGoneError, type ShellReply } from './reading.ts';
import { streamCommand } from './stream.ts';
import type { Dial } from './transport.ts';

export interface SessionOptions {
  readonly host: HostName;
  readonly dial: Dial;
  readonly clock: Clock;
}

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

  function laneOf(privilege: Privilege): Lane {
    const key = privilegeKey(privilege);
    const lane = lanes.get(key) ?? createLane({ host, nonce, clock, link });
    lanes.set(key, lane);
    return lane;
  }

  async function exchange(frame: Frame, options: ExchangeOptions): Promise<readonly SectionAnswer[]> {
    const { privilege, environment, limitMs, onOutput, onAnswer, signal } = options;
    let compiled: CompiledFrame = { script: '', sections: [], stepSlots: new Map() };
    try {
      const reply = await laneOf(privilege).run(privilege, { limitMs, signal }, async () => {
        const { contentOf, uploads } = await prepareContents(frame);
        compiled = compileFrame(frame, { nonce, contentOf, ...(environment && { environment }) });
        roundTrips += 1;
        const { script, stepSlots } = compiled;
        const tell = onOutput && ((piece: string, slot: number) => onOutput(piece, stepSlots.get(slot)?.section ?? 0));
        return { script, uploads, onOutput: tell, onSlot: onAnswer && answering(compiled, onAnswer) };
      });
      if (reply.code !== 0 && !isToldByStep(compiled, reply)) throw frameBroken(host, reply.code);
      return decodeSections(compiled.sections, reply.slots);
    } catch (error) {
      throw error instanceof ShellGoneError ? goneError(host, error, compiled) : error;
    }
  }

  async function drop(): Promise<void> {
    for (const lane of lanes.values()) lane.drop();
    await link.drop();
  }

  return {
    host,
    exchange,
    async ensure(signal) {
      await link.use(signal, async () => {});
    },
    async stream(argv, options) {
      if (options.signal.aborted) return { code: undefined };
      return link.use(options.signal, (transport) => streamCommand(transport, argv, options, { host, nonce, clock }));
    },
    async reconnect(signal) {
      await drop();
      await link.use(signal, async () => {});
    },
    counters() {
      const traffic = [...lanes.values()].map((lane) => lane.traffic());
      return {
        roundTrips,
        sentBytes: traffic.reduce((sum, { sentBytes }) => sum + sentBytes, 0),
        receivedBytes: traffic.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0),
      };
    },
    close: drop,
  };
}

/** Tells the answer of a section that acts when everything of it is there: its end, and what its commands wrote to stderr. */
function answering({ sections }: CompiledFrame, onAnswer: NonNullable<ExchangeOptions['onAnswer']>): OnSlot {
  const missing = new Map<number, Set<string>>();
  const waiting = new Map<string, number>();
  for (const [index, place] of sections.entries()) {
    if (place.kind !== 'act') continue;
    const commands = place.after.places.filter(({ kind }) => kind === 'command');
    const ends = [...place.steps, ...commands].map(({ slot }) => `stderr ${slot}`);
    const all = new Set([`stdout ${place.doneSlot}`, ...ends]);
    missing.set(index, all);
    for (const end of all) waiting.set(end, index);
  }
  return (stream, slot, slots) => {
    const index = waiting.get(`${stream} ${slot}`) ?? -1;
    const open = missing.get(index);
    const place = sections[index];
    open?.delete(`${stream} ${slot}`);
    if (!open || !place || open.size > 0) return;
    const [answer] = decodeSections([place], slots);
    if (answer) onAnswer(answer, index);
  };
}

/** Whether what ended the frame's shell shows as the end of a step: the last one that answered ended with the same code. */
function isToldByStep({ stepSlots }: CompiledFrame, { slots, code }: ShellReply): boolean {
  const last = [...slots].at(-1);
  return last !== undefined && stepSlots.has(last[0]) && last[1].code === code;
}
