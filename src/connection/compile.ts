import type { ActSection, AskSection, Frame } from '../contract/frame.ts';
import type { Probe } from '../contract/probe.ts';
import type { Step, WriteStep } from '../contract/step.ts';
import { compileProbes, type ProbePlace } from './compile-probes.ts';
import { compileStep, type PreparedContent, renderEnvironment } from './compile-steps.ts';
import { renderIsStale } from './fingerprint.ts';
import { createScript, type Script } from './script.ts';

/** One frame as shell text, and where its answers will be found. */
export interface CompiledFrame {
  readonly script: string;
  readonly sections: readonly SectionPlace[];
  /** Slots of steps: their output is shown as it comes and kept within bounds. */
  readonly stepSlots: ReadonlyMap<number, StepInFrame>;
}

export interface StepInFrame {
  readonly section: number;
  readonly index: number;
  readonly step: Step;
}

export type SectionPlace =
  | { readonly kind: 'ask'; readonly questions: Questions }
  | {
      readonly kind: 'act';
      /** Answered with code 1 where the guard found a difference. */
      readonly guardSlot: number;
      readonly guard: Questions;
      readonly steps: readonly { readonly slot: number; readonly step: Step }[];
      readonly after: Questions;
      /** Answered when every step was done and every after-probe asked. */
      readonly doneSlot: number;
    };

export interface Questions {
  readonly probes: readonly Probe[];
  readonly places: readonly ProbePlace[];
}

export interface CompileOptions {
  readonly nonce: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly contentOf: (step: WriteStep) => PreparedContent;
}

/** Pure. Neighbouring `ask` sections are asked together. */
export function compileFrame(frame: Frame, options: CompileOptions): CompiledFrame {
  const script = createScript(options.nonce);
  const sections: SectionPlace[] = [];
  const stepSlots = new Map<number, StepInFrame>();
  script.add('bench_stale=; bench_halt=');
  const environment = renderEnvironment(options.environment);
  if (environment !== '') script.add(environment);
  let asks: AskSection[] = [];
  const flush = () => {
    sections.push(...compileAsks(script, asks));
    asks = [];
  };
  for (const section of frame.sections) {
    if (section.kind === 'ask') {
      asks.push(section);
      continue;
    }
    flush();
    const place = compileAct(script, section, options);
    for (const [index, { slot, step }] of place.steps.entries()) {
      stepSlots.set(slot, { section: sections.length, index, step });
    }
    sections.push(place);
  }
  flush();
  script.add('exit 0');
  return { script: script.text(), sections, stepSlots };
}

function compileAsks(script: Script, asks: readonly AskSection[]): readonly SectionPlace[] {
  const all = compileProbes(
    script,
    asks.flatMap(({ probes }) => probes),
  );
  let next = 0;
  return asks.map(({ probes }) => {
    const places = all.slice(next, next + probes.length);
    next += probes.length;
    return { kind: 'ask', questions: { probes, places } };
  });
}

/** The whole section is the body of a loop that runs once, so that `break` skips the rest of it and `exit` the rest of the frame. */
function compileAct(script: Script, section: ActSection, options: CompileOptions): SectionPlace & { kind: 'act' } {
  const { guard, onFailure, stopsOnNonZero } = section;
  const guardSlot = script.slots();
  const leave = onFailure === 'stop' ? 'exit 0' : 'break';
  script.add('while :; do');
  let guardQuestions: Questions = { probes: [], places: [] };
  const isStale = guard && renderIsStale(guard);
  if (guard && isStale !== undefined) {
    script.add(`if [ "$bench_stale" ] || { ${isStale}; }; then bench_stale=1`);
    guardQuestions = { probes: guard.probes, places: compileProbes(script, guard.probes) };
    script.add(`bench_m ${guardSlot} 1; break`, 'fi');
  } else {
    // Nothing acts behind a difference: whoever plans anew decides what is done then.
    script.add('[ "$bench_stale" ] && break');
  }
  const steps = section.steps.map((step) => {
    const slot = script.slots();
    script.add(compileStep(step, { slot, ...options }, leave));
    if (stopsOnNonZero) script.add('[ $c -eq 0 ] || bench_halt=1');
    return { slot, step };
  });
  const after = { probes: section.after, places: compileProbes(script, section.after) };
  const doneSlot = script.slots();
  script.add(`bench_m ${doneSlot} 0`, 'break; done');
  if (stopsOnNonZero) script.add('[ "$bench_halt" ] && exit 0');
  return { kind: 'act', guardSlot, guard: guardQuestions, steps, after, doneSlot };
}
