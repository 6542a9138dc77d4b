import type { SectionAnswer } from '../contract/frame.ts';
import type { Answer } from '../contract/probe.ts';
import type { StepResult } from '../contract/step.ts';
import type { Questions, SectionPlace } from './compile.ts';
import { isOddName, type ProbePlace } from './compile-probes.ts';
import { parseStat, parseSums, toAnswer, toText } from './decode-answers.ts';
import { fingerprintOf, type RawAnswer, type RawEntry } from './fingerprint.ts';

/** What a host answered in one slot. */
export interface SlotOutput {
  readonly code: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  readonly elapsedMs: number;
}

export type Slots = Pick<ReadonlyMap<number, SlotOutput>, 'get' | 'has'>;

/** Pure. One answer for each section; what the frame did not come to is `notReached`. */
export function decodeSections(sections: readonly SectionPlace[], slots: Slots): readonly SectionAnswer[] {
  const reader = createReader(slots);
  return sections.map((section) => decodeSection(section, slots, reader));
}

function decodeSection(section: SectionPlace, slots: Slots, reader: Reader): SectionAnswer {
  if (section.kind === 'ask') {
    const answers = reader.answersTo(section.questions);
    return answers ? { kind: 'answers', ...answers } : { kind: 'notReached' };
  }
  if (slots.has(section.guardSlot)) {
    const answers = reader.answersTo(section.guard);
    return answers ? { kind: 'stale', ...answers } : { kind: 'notReached' };
  }
  const results: StepResult[] = [];
  for (const { slot } of section.steps) {
    const output = slots.get(slot);
    if (output) results.push(toResult(output));
  }
  const after = slots.has(section.doneSlot) ? reader.answersTo(section.after) : undefined;
  if (after) return { kind: 'done', results, after: after.answers, fingerprint: after.fingerprint };
  return results.length === 0 ? { kind: 'notReached' } : { kind: 'stepFailed', results };
}

function toResult({ code, stdout, stderr, elapsedMs }: SlotOutput): StepResult {
  return { code, stdout: toText(stdout), stderr: toText(stderr), elapsedMs };
}

interface DecodedAnswers {
  readonly answers: readonly Answer[];
  readonly fingerprint: string;
}

interface Reader {
  /** Undefined when the frame ended before all of them were answered. */
  answersTo(questions: Questions): DecodedAnswers | undefined;
}

/** Merged answers are parsed once, however many sections share them. */
function createReader(slots: Slots): Reader {
  const stats = new Map<number, ReadonlyMap<string, RawEntry>>();
  const sums = new Map<number, ReadonlyMap<string, string>>();

  function rawAnswer(place: ProbePlace, output: SlotOutput): RawAnswer {
    switch (place.kind) {
      case 'path': {
        const parse = () => parseStat(output.stdout, isOddName(place.name));
        const entry = remembered(stats, place.slot, parse).get(place.name);
        const link = slots.get(place.linkSlot)?.stdout;
        return { kind: 'path', entry: entry && link ? { ...entry, target: link.subarray(0, -1) } : entry };
      }
      case 'digest': {
        const name = isOddName(place.name) ? '-' : place.name;
        const parse = () => parseSums(output.stdout);
        return { kind: 'digest', sha256: remembered(sums, place.slot, parse).get(name) };
      }
      case 'text':
        return { kind: 'text', bytes: output.code === 0 ? output.stdout : undefined };
      case 'command':
        return { kind: 'command', code: output.code, stdout: output.stdout, stderr: output.stderr };
    }
  }

  return {
    answersTo({ probes, places }) {
      const raw: RawAnswer[] = [];
      for (const place of places) {
        const output = slots.get(place.slot);
        if (!output) return undefined;
        raw.push(rawAnswer(place, output));
      }
      return { answers: raw.map(toAnswer), fingerprint: fingerprintOf(probes, raw) };
    },
  };
}

function remembered<T>(cache: Map<number, T>, slot: number, make: () => T): T {
  const known = cache.get(slot);
  if (known !== undefined) return known;
  const made = make();
  cache.set(slot, made);
  return made;
}
