import type { AskSection, Section, SectionAnswer } from '../contract/frame.ts';
import { BenchError, InterruptedError, UnreachableError } from '../core/errors.ts';
import { type TaskCall, tellOutput } from './call.ts';
import type { Exchange } from './converge.ts';
import { createWindow, type Follower, followersOf, isLast, stopping, type Window } from './followers.ts';
import { createHeldOutput, type HeldOutput } from './held-output.ts';
import { comparePlaces, type Place } from './lockstep.ts';
import { type Foremost, foremostOf, isSameSection, type Outlook, outlooksFrom } from './outlook.ts';
import { sendInParts } from './parts.ts';
import type { HostContext } from './play-run.ts';

/**
 * Asks ahead and acts ahead for one host in one play: what tasks to come will send is sent with what the task at hand
 * sends. The tasks themselves run as ever, one after the other; their frames find the answers here.
 */
export interface Ahead {
  /** An exchange of the task at `context`, which takes along what tasks behind it will send. */
  exchange(call: TaskCall, context: HostContext, plain: Exchange): Exchange;
  /** The very first questions of a play: those of its first tasks are asked along. */
  askFirst(foremost: Foremost, context: HostContext, plain: Exchange, first: AskSection): ReturnType<Exchange>;
  /** Names of tasks from a place on that were done ahead, or are being done, and whose turn has not come. */
  untold(from: Place): readonly string[];
}

/** A task whose turn has not come. */
export interface Known {
  readonly outlook: Outlook;
  /** Rejects where it is not known whether it was done. */
  readonly standing: Promise<Standing>;
  readonly output: HeldOutput;
  /** Undefined as long as the frame has not answered. */
  now: Standing | undefined;
}

export interface Standing {
  readonly asked: Exchanged;
  /** What it did, where its steps went along. */
  readonly acted: Exchanged | undefined;
  /** The host's acts when the answers were given: they count until it is acted again. */
  readonly acts: number;
}

export interface Exchanged {
  readonly sections: readonly Section[];
  readonly answers: readonly SectionAnswer[];
}

interface Way {
  readonly known: Map<string, Known>;
  readonly window: Window;
}

export function createAhead(): Ahead {
  const way: Way = { known: new Map(), window: createWindow() };
  return {
    exchange: (call, context, plain) => async (frame) => {
      const key = keyOf(context.place);
      const entry = way.known.get(key);
      entry?.output.open((text) => tellOutput(call, text));
      const own = await entry?.standing;
      const { sections } = frame;
      if (!sections.every(({ kind }) => kind === 'ask')) {
        if (!own?.acted) return actAlong(way, call, context, plain, sections);
        way.known.delete(key);
        assertSame(own.acted.sections, sections, call);
        return own.acted.answers;
      }
      if (own?.acted) {
        assertSame(own.asked.sections, sections, call);
        return own.asked.answers;
      }
      const isFresh = own?.acts === context.state.acts;
      if (own && isFresh && isSame(own.asked.sections, sections)) return own.asked.answers;
      return askAlong(way, foremostOf(call), context, plain, sections);
    },
    askFirst: (foremost, context, plain, first) => askAlong(way, foremost, context, plain, [first]),
    untold: (from) =>
      [...way.known.values()]
        .filter((entry) => isDone(entry) && comparePlaces(entry.outlook.place, from) >= 0)
        .map(({ outlook }) => outlook.task.name.text),
  };
}

function keyOf(place: Place): string {
  return place.join('.');
}

function isDone({ now }: Known): boolean {
  return now === undefined || now.acted !== undefined;
}

/** What was done ahead is what the task does now, or it is said that it is not. */
function assertSame(sent: readonly Section[], sections: readonly Section[], { task }: TaskCall): void {
  if (isSame(sent, sections)) return;
  throw new BenchError(
    'E_DONE_OTHERWISE',
    `"${task.name.text}" was done ahead as it was before something that it needs changed`,
    { hint: 'see what changes its files or variables meanwhile, and run it with --one-by-one' },
  );
}

function isSame(one: readonly Section[], other: readonly Section[]): boolean {
  return one.length === other.length && one.every((section, index) => isSameSection(section, other[index] ?? section));
}

/** The task's questions, and those of all tasks behind it that are known by now. */
async function askAlong(
  { known, window }: Way,
  foremost: Foremost,
  context: HostContext,
  plain: Exchange,
  sections: readonly Section[],
): Promise<readonly SectionAnswer[]> {
  const { acts } = context.state;
  const unused = [...known].filter(([, entry]) => !isDone(entry));
  window.note(unused.length);
  for (const [place] of unused) known.delete(place);
  const outlooks: Outlook[] = [];
  for await (const next of outlooksFrom(foremost, context, 'ask')) {
    if (outlooks.length >= window.size) break;
    if (next.kind === 'task') outlooks.push(next.outlook);
  }
  const asks = outlooks.flatMap((outlook) => outlook.asks);
  const answers = await plain({ sections: [...sections, ...asks] }).catch((thrown: unknown) => {
    if (asks.length === 0 || isForAll(thrown)) throw thrown;
    return plain({ sections });
  });
  if (answers.length === sections.length) return answers;
  let next = sections.length;
  for (const outlook of outlooks) {
    const own = answers.slice(next, next + outlook.asks.length);
    next += outlook.asks.length;
    if (known.has(keyOf(outlook.place))) continue;
    const standing = { asked: { sections: outlook.asks, answers: own }, acted: undefined, acts };
    const output = createHeldOutput();
    known.set(keyOf(outlook.place), { outlook, standing: Promise.resolve(standing), output, now: standing });
  }
  return answers.slice(0, sections.length);
}

/** What is wrong with one question is no matter of the tasks that it was asked along with: they ask by themselves. */
function isForAll(thrown: unknown): boolean {
  return !(thrown instanceof BenchError) || thrown instanceof UnreachableError || thrown instanceof InterruptedError;
}

/** The task's steps, and behind them those of the tasks that are known, each only where the host is as it was asked. */
async function actAlong(
  { known, window }: Way,
  call: TaskCall,
  context: HostContext,
  plain: Exchange,
  sections: readonly Section[],
): Promise<readonly SectionAnswer[]> {
  const { state } = context;
  known.delete(keyOf(context.place));
  const isOwnLast = isLast(call, sections);
  const isEnd = call.share !== 'part' && sections.every(({ kind }) => kind === 'act');
  const followers = isEnd ? await followersOf(known, call, context, { isLast: isOwnLast, most: window.size }) : [];
  const own = isOwnLast ? sections : sections.map((section) => stopping(section, call));
  state.acts += 1;
  const { acts } = state;
  const frame = { sections: [...own, ...followers.flatMap(sentFor)] };
  const counts = [sections.length, ...followers.map((follower) => sentFor(follower).length)];
  const outputs = followers.map(createHeldOutput);
  const writers = [
    ...sections.map(() => (text: string) => tellOutput(call, text)),
    ...followers.flatMap((follower, index) => sentFor(follower).map(() => outputs[index]?.write)),
  ];
  const onOutput = (text: string, section: number) => writers[section]?.(text);
  const [first, ...others] = sendInParts(counts, async (onAnswer) => {
    const answers = await plain(frame, { onOutput, onAnswer });
    const isUnused = ({ kind }: SectionAnswer) => kind === 'stale' || kind === 'notReached';
    window.note(answers.slice(sections.length).filter(isUnused).length);
    return answers;
  });
  for (const [index, follower] of followers.entries()) {
    const answers = others[index];
    const output = outputs[index];
    if (answers && output) remember(known, { follower, answers, output, acts });
  }
  return first ?? [];
}

function sentFor({ checks, sections }: Follower): readonly Section[] {
  return [...checks, ...sections];
}

interface Sent {
  readonly follower: Follower;
  readonly answers: Promise<readonly SectionAnswer[]>;
  readonly output: HeldOutput;
  readonly acts: number;
}

function remember(known: Map<string, Known>, { follower, answers, output, acts }: Sent): void {
  const { kind, outlook, before } = follower;
  const ended = answers.then((given) => standingOf(follower, given, acts));
  // What was only asked may be asked again.
  const standing = kind === 'act' ? ended : ended.catch(() => before);
  const entry: Known = { outlook, standing, output, now: kind === 'act' ? undefined : before };
  known.set(keyOf(outlook.place), entry);
  standing.then(
    (now) => {
      entry.now = now;
    },
    () => undefined,
  );
}

function standingOf(
  { kind, checks, sections, before, answeredBy }: Follower,
  answers: readonly SectionAnswer[],
  acts: number,
): Standing {
  const { asked } = before;
  const own = answers.slice(checks.length);
  if (kind === 'act' && own.some((answer) => answer.kind === 'done' || answer.kind === 'stepFailed')) {
    return { asked, acted: { sections, answers: own }, acts };
  }
  // What was not reached keeps its older answers: they still say what can be planned, and a guard finds out whether it can.
  if (answers.length === 0 || answers.some((answer) => answer.kind === 'notReached')) return before;
  const fresh = answeredBy.flatMap((number, index) => freshAnswer(answers[number], asked.answers[index]) ?? []);
  return { asked: { sections: asked.sections, answers: fresh }, acted: undefined, acts };
}

/** What a guard that found another host answers is the answer to the question; where it found the same, the old one stands. */
function freshAnswer(answer: SectionAnswer | undefined, before: SectionAnswer | undefined): SectionAnswer | undefined {
  if (answer?.kind === 'answers') return answer;
  if (answer?.kind === 'stale') return { kind: 'answers', answers: answer.answers, fingerprint: answer.fingerprint };
  return before;
}
