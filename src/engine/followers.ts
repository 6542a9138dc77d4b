import type { ActSection, AskSection, Section } from '../contract/frame.ts';
import type { Probe } from '../contract/probe.ts';
import { hasTemplate } from '../template/parse-template.ts';
import type { Exchanged, Known, Standing } from './ahead.ts';
import type { TaskCall } from './call.ts';
import { firstSent, foremostOf, isSameSection, type Outlook, outlooksFrom } from './outlook.ts';
import type { HostContext } from './play-run.ts';

/** What goes along behind a task's steps. */
export interface Follower {
  /**
   * `act`: its steps; `check`: it has nothing to do, and nothing behind it may act where that is no longer so; `ask`: its
   * questions, since what is done before it may change the answers.
   */
  readonly kind: 'act' | 'check' | 'ask';
  readonly outlook: Outlook;
  /** In front of its steps: those of its items that have nothing to do must have nothing to do still. */
  readonly checks: readonly ActSection[];
  readonly sections: readonly Section[];
  /** What was known of it; with no answers where that was nothing. */
  readonly before: Standing;
  /** For each of its questions the one of `checks` and `sections`, in this order, that answers it again. */
  readonly answeredBy: readonly number[];
}

/** Tasks whose questions are asked again behind the last one that acts. */
const MOST_ASKED_BEHIND = 32;

/** How many tasks go along: fewer where most of it was for nothing, so that the work does not grow with the square of the tasks. */
export interface Window {
  readonly size: number;
  /** So many of them were of no use. */
  note(unused: number): void;
}

const LARGEST_WINDOW = 2048;
const SMALLEST_WINDOW = 16;

export function createWindow(): Window {
  let size = LARGEST_WINDOW;
  return {
    get size() {
      return size;
    },
    note(unused) {
      if (unused === 0) size = Math.min(LARGEST_WINDOW, size * 2);
      else if (unused > SMALLEST_WINDOW) size = Math.max(SMALLEST_WINDOW, Math.min(size, unused) >> 1);
    },
  };
}

/** The tasks behind `call`, as far as it is known that they come, and what they send is known. */
export async function followersOf(
  known: ReadonlyMap<string, Known>,
  call: TaskCall,
  context: HostContext,
  { isLast: isOwnLast, most }: { readonly isLast: boolean; readonly most: number },
): Promise<readonly Follower[]> {
  const followers: Follower[] = [];
  let mayAct = !isOwnLast;
  let asksBehind = 0;
  for await (const next of outlooksFrom(foremostOf(call), context, 'act')) {
    if (followers.length >= most || asksBehind >= MOST_ASKED_BEHIND) break;
    if (next.kind === 'doneHere') {
      mayAct = false;
      continue;
    }
    const { outlook } = next;
    const before = mayAct ? await standingOf(known.get(outlook.place.join('.'))) : undefined;
    const follower = mayAct ? await doneAlong(before, outlook) : undefined;
    mayAct = follower !== undefined && !(follower.kind === 'act' && isLast(outlook.call, follower.sections));
    if (follower) followers.push(follower);
    else if (!outlook.isVerb) {
      followers.push(asAsked(outlook));
      asksBehind += 1;
    }
  }
  return followers;
}

const NOTHING_KNOWN: Standing = { asked: { sections: [], answers: [] }, acted: undefined, acts: -1 };

async function standingOf(entry: Known | undefined): Promise<Standing | undefined> {
  return entry?.standing.catch(() => undefined);
}

/** Undefined where it cannot be told what the task does, or whether what is behind it comes then. */
async function doneAlong(known: Standing | undefined, outlook: Outlook): Promise<Follower | undefined> {
  const { call, scopes, isVerb, asks, needsFiles } = outlook;
  const before = isVerb ? NOTHING_KNOWN : known;
  if (!before || known?.acted || call.settings.ignoresUnreachable) return undefined;
  const { asked } = before;
  if (needsFiles && isController(call)) return undefined;
  if (asked.answers.length !== asks.length || !asked.sections.every(isAskedBy(asks))) return undefined;
  const isForHost = asks.every(({ probes }) => !probes.some(isVolatile));
  const sent = await firstSent(call, scopes, isVerb ? [] : [asked]);
  if (sent.kind === 'ended') {
    const isFailed = sent.raws.some((raw) => raw.kind !== 'ended' || raw.failure);
    if (isFailed || !isForHost || isJudgedHere(call)) return undefined;
    return { kind: 'check', outlook, checks: checksOf(asked), sections: [], before, answeredBy: [...asks.keys()] };
  }
  const acting = new Set(sent.sections.map(questionsOf));
  const idle = asks.map((_, index) => index).filter((index) => !acting.has(questionsOf(asks[index])));
  if (idle.length > 0 && !isForHost) return undefined;
  const checks = checksOf({
    sections: idle.flatMap((index) => asked.sections[index] ?? []),
    answers: idle.flatMap((index) => asked.answers[index] ?? []),
  });
  const guards = [...checks, ...sent.sections].map(questionsOf);
  const answeredBy = asks.map((ask) => guards.indexOf(questionsOf(ask)));
  const hasEnd = isLast(call, sent.sections);
  const sections = hasEnd ? sent.sections : sent.sections.map((section) => stopping(section, call));
  return { kind: 'act', outlook, checks, sections, before, answeredBy };
}

function questionsOf(section: Section | undefined): string {
  return JSON.stringify(section?.kind === 'act' ? section.guard?.probes : section?.probes);
}

function asAsked(outlook: Outlook): Follower {
  const { asks } = outlook;
  const before = { ...NOTHING_KNOWN, asked: { sections: asks, answers: [] } };
  return { kind: 'ask', outlook, checks: [], sections: asks, before, answeredBy: [...asks.keys()] };
}

/** Steps on the host may change the very files that tasks behind them send. */
function isController({ host, run }: TaskCall): boolean {
  const connection = run.options.inventory.hosts.get(host)?.variables.get('ansible_connection')?.value;
  return connection === 'local' || (host === 'localhost' && connection === undefined);
}

function isAskedBy(asks: readonly AskSection[]) {
  return (section: Section, index: number) => isSameSection(section, asks[index] ?? section);
}

function isVolatile(probe: Probe): boolean {
  return probe.kind === 'command' && probe.isVolatile === true;
}

function checksOf({ sections, answers }: Exchanged): readonly ActSection[] {
  return sections.flatMap((section, index): ActSection[] => {
    const answer = answers[index];
    if (section.kind !== 'ask' || answer?.kind !== 'answers') return [];
    const guard = { probes: section.probes, fingerprint: answer.fingerprint };
    return [{ kind: 'act', guard, steps: [], after: [], onFailure: 'stop' }];
  });
}

/** Nothing acts behind it in the frame: whether it fails is not for the host to say, or more of it is to come. */
export function isLast(call: TaskCall, sections: readonly Section[]): boolean {
  const { settings, module, share } = call;
  return (
    // Of several items one may have failed already.
    share !== 'one' ||
    sections.length > 1 ||
    sections.some((section) => section.kind === 'act' && section.isOpenEnded === true) ||
    module.isSlow === true ||
    settings.isFatalForAll ||
    settings.ignoresUnreachable ||
    isJudgedHere(call)
  );
}

/** The task's own conditions on its result, and templates in what it notifies, may make it fail. */
function isJudgedHere({ task }: TaskCall): boolean {
  const isConstant = ({ text }: { readonly text: string }) => text === 'true' || text === 'false';
  return (
    task.failedWhen.length > 0 ||
    !task.changedWhen.every(isConstant) ||
    task.notify.some(({ text }) => hasTemplate(text))
  );
}

/** A failure keeps what is behind from being done, as it would have if the tasks had come one by one. */
export function stopping(section: Section, { settings, module }: TaskCall): Section {
  if (section.kind === 'ask' || settings.ignoresErrors) return section;
  return { ...section, onFailure: 'stop', ...(module.kind === 'steps' && { stopsOnNonZero: true }) };
}
