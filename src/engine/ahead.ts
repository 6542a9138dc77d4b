import type { ActSection, Frame, Section, SectionAnswer } from '../contract/frame.ts';
import type { TaskCall } from './call.ts';
import type { Exchange } from './converge.ts';
import { firstSent, foresee, isSameSection, type Outlook } from './outlook.ts';
import type { HostContext } from './play-run.ts';
import { upcomingTasks } from './rest.ts';

/** Tasks of one window, so that neither a frame nor the memory for it grows without an end. */
const MOST_TASKS = 2000;

/**
 * Asks ahead and acts ahead for one host in one play: what tasks to come will send is sent with what the task at hand
 * sends. The tasks themselves run as ever, one after the other; their frames find the answers here.
 */
export interface Ahead {
  /** An exchange of the task at `context`, which takes along what tasks behind it will send. */
  exchange(call: TaskCall, context: HostContext, plain: Exchange): Exchange;
}

interface Known {
  readonly outlook: Outlook;
  asked: { readonly sections: readonly Section[]; readonly answers: readonly SectionAnswer[] };
  acted: { readonly sections: readonly Section[]; readonly answers: readonly SectionAnswer[] } | undefined;
  /** The host's acts when the answers were given: they count until it is acted again. */
  acts: number;
}

export function createAhead(): Ahead {
  const known = new Map<string, Known>();
  return {
    exchange: (call, context, plain) => (frame) => exchangeAhead(known, call, context, plain, frame),
  };
}

async function exchangeAhead(
  known: Map<string, Known>,
  call: TaskCall,
  context: HostContext,
  plain: Exchange,
  frame: Frame,
): Promise<readonly SectionAnswer[]> {
  const { state } = context;
  const key = context.place.join('.');
  const own = known.get(key);
  const isAsk = frame.sections.every(({ kind }) => kind === 'ask');
  if (isAsk) {
    if (own && own.acts === state.acts && isSame(own.asked.sections, frame.sections)) return own.asked.answers;
    known.clear();
    return askAlong(known, call, context, plain, frame);
  }
  if (own?.acted) {
    const { sections, answers } = own.acted;
    own.acted = undefined;
    if (!isSame(sections, frame.sections))
      throw new TypeError(`"${call.task.name.text}" sends other steps than those that were sent ahead`);
    return answers;
  }
  return actAlong(known, call, context, plain, frame);
}

function isSame(one: readonly Section[], other: readonly Section[]): boolean {
  return one.length === other.length && one.every((section, index) => isSameSection(section, other[index] ?? section));
}

/** The task's questions, and those of all tasks behind it that are known by now. */
async function askAlong(
  known: Map<string, Known>,
  call: TaskCall,
  context: HostContext,
  plain: Exchange,
  frame: Frame,
): Promise<readonly SectionAnswer[]> {
  const outlooks = await outlooksFrom(call, context);
  const sections = [...frame.sections, ...outlooks.flatMap(({ asks }) => asks)];
  const answers = await plain({ sections });
  let next = frame.sections.length;
  for (const outlook of outlooks) {
    const own = answers.slice(next, next + outlook.asks.length);
    next += outlook.asks.length;
    known.set(outlook.place, {
      outlook,
      asked: { sections: outlook.asks, answers: own },
      acted: undefined,
      acts: context.state.acts,
    });
  }
  return answers.slice(0, frame.sections.length);
}

async function outlooksFrom(call: TaskCall, context: HostContext): Promise<readonly Outlook[]> {
  const outlooks: Outlook[] = [];
  const pending = new Set<string>();
  const leaves = (task: TaskCall['task']) => {
    if (task.register !== undefined) pending.add(task.register);
    if (task.module === 'set_fact') for (const { key } of task.args.entries) pending.add(key);
  };
  leaves(call.task);
  for (const upcoming of upcomingTasks(context.rest)) {
    if (outlooks.length >= MOST_TASKS) break;
    if (!context.run.selection.isSelected(upcoming.task)) continue;
    const foreseen = await foresee(upcoming, context, pending);
    if (foreseen.kind === 'unknown') break;
    leaves(upcoming.task);
    if (foreseen.kind !== 'task') continue;
    if (foreseen.outlook.settings.frameKey !== call.settings.frameKey) break;
    outlooks.push(foreseen.outlook);
  }
  return outlooks;
}

/** The task's steps, and behind them those of the tasks that are known, each only where the host is as it was asked. */
async function actAlong(
  known: Map<string, Known>,
  call: TaskCall,
  context: HostContext,
  plain: Exchange,
  frame: Frame,
): Promise<readonly SectionAnswer[]> {
  const { state } = context;
  const followers = endsFrame(call, frame.sections) ? [] : await followersOf(known, context);
  const sections = [
    ...frame.sections.map((section) => (followers.length > 0 ? stopping(section, call) : section)),
    ...followers.flatMap(({ sections: own, entry }) => own.map((section) => stopping(section, entry.outlook.call))),
  ];
  state.acts += 1;
  const owners = [
    ...frame.sections.map(() => call),
    ...followers.flatMap(({ sections: own, entry }) => own.map(() => entry.outlook.call)),
  ];
  const answers = await plain({ sections }, owners);
  let next = frame.sections.length;
  for (const { entry, sections: own, isCheck } of followers) {
    const given = answers.slice(next, next + own.length);
    next += own.length;
    keep(known, entry, own, given, isCheck, state.acts);
  }
  return answers.slice(0, frame.sections.length);
}

interface Follower {
  readonly entry: Known;
  readonly sections: readonly ActSection[];
  /** It has nothing to do: only asked whether that is still so. */
  readonly isCheck: boolean;
}

async function followersOf(known: ReadonlyMap<string, Known>, context: HostContext): Promise<readonly Follower[]> {
  const followers: Follower[] = [];
  for (const { task, place } of upcomingTasks(context.rest)) {
    if (!context.run.selection.isSelected(task)) continue;
    const module = context.run.options.modules.get(task.module);
    const entry = known.get(place.join('.'));
    if (!entry) {
      if (module?.kind === 'action') break;
      continue;
    }
    const { outlook, asked } = entry;
    const sent = await firstSent(outlook.call, outlook.scopes, outlook.isVerb ? [] : [asked]);
    if (sent.kind === 'ended') {
      if (sent.raws.some((raw) => raw.kind !== 'ended' || raw.failure)) break;
      const sections = checksOf(asked.sections, asked.answers);
      followers.push({ entry, sections, isCheck: true });
      continue;
    }
    const sections = sent.sections.filter((section) => section.kind === 'act');
    followers.push({ entry, sections, isCheck: false });
    if (endsFrame(outlook.call, sections)) break;
  }
  return followers;
}

function checksOf(sections: readonly Section[], answers: readonly SectionAnswer[]): readonly ActSection[] {
  return sections.flatMap((section, index): ActSection[] => {
    const answer = answers[index];
    if (section.kind !== 'ask' || answer?.kind !== 'answers') return [];
    const guard = { probes: section.probes, fingerprint: answer.fingerprint };
    return [{ kind: 'act', guard, steps: [], after: [], onFailure: 'stop' }];
  });
}

/** Nothing may follow in the frame: whether the task fails is not for the host to say, or several items have to be tried. */
function endsFrame({ task, settings, module }: TaskCall, sections: readonly Section[]): boolean {
  const acting = sections.filter((section) => section.kind === 'act' && section.steps.length > 0);
  return acting.length > 1 || task.failedWhen.length > 0 || settings.isFatalForAll || module.isSlow === true;
}

/** A failure keeps what is behind from being done, as it would have if the tasks had come one by one. */
function stopping(section: Section, { settings, module }: TaskCall): Section {
  if (section.kind === 'ask' || settings.ignoresErrors) return section;
  return { ...section, onFailure: 'stop', ...(module.kind === 'steps' && { stopsOnNonZero: true }) };
}

function keep(
  known: Map<string, Known>,
  entry: Known,
  sections: readonly ActSection[],
  answers: readonly SectionAnswer[],
  isCheck: boolean,
  acts: number,
): void {
  const isReached = answers.some(({ kind }) => kind === 'done' || kind === 'stepFailed');
  if (answers.some(({ kind }) => kind === 'notReached') && !isReached) {
    known.delete(entry.outlook.place);
  } else if (isReached && !isCheck) {
    entry.acted = { sections, answers };
    entry.acts = acts;
  } else {
    entry.acts = acts;
    entry.asked = {
      sections: entry.asked.sections,
      answers: answers.map((answer, index) => freshAnswer(answer, entry.asked.answers[index])),
    };
  }
}

/** What a guard that found another host answers is the answer to the question; where it found the same, the old one stands. */
function freshAnswer(answer: SectionAnswer, before: SectionAnswer | undefined): SectionAnswer {
  if (answer.kind === 'stale') return { kind: 'answers', answers: answer.answers, fingerprint: answer.fingerprint };
  return before ?? answer;
}
