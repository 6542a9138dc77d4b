import type { ActSection, AskSection, Section, SectionAnswer } from '../contract/frame.ts';
import type { TaskEntry } from '../playbook/play.ts';
import { hasTemplate } from '../template/parse-template.ts';
import { callModule, type TaskCall } from './call.ts';
import type { Item } from './items.ts';
import { itemsOf } from './items.ts';
import type { Place } from './lockstep.ts';
import type { HostContext } from './play-run.ts';
import type { Raw } from './report.ts';
import { type UpcomingTask, upcomingTasks } from './rest.ts';
import type { Layer } from './scope.ts';
import { isRunOnce, type TaskSettings } from './settings.ts';

/** A task to come, as far as it can be told what it will send to the host. */
export interface Outlook {
  readonly place: Place;
  readonly task: TaskEntry;
  readonly call: TaskCall;
  readonly scopes: readonly Item['scope'][];
  readonly settings: TaskSettings;
  readonly asks: readonly AskSection[];
  /** The first thing that it sends are steps: it asks nothing. */
  readonly isVerb: boolean;
  /** It needs files of the controller, as they are when its turn comes. */
  readonly needsFiles: boolean;
}

export type Foreseen =
  | { readonly kind: 'task'; readonly outlook: Outlook }
  /** Nothing of it goes to the host. */
  | { readonly kind: 'passed' }
  /** It may be asked past it, but nothing behind it may act before it was done. */
  | { readonly kind: 'doneHere' }
  | { readonly kind: 'unknown' };

/** Variables that cannot be read yet, and whether something tried to. */
interface Pending {
  readonly names: Set<string>;
  isRead: boolean;
}

/** What stands in front of tasks to come. */
export interface Foremost {
  /** Those that have another one cannot share its frame. */
  readonly frameKey: string;
  /** Variables that it will leave. */
  readonly leaves: readonly string[];
}

export function foremostOf({ settings, task }: TaskCall): Foremost {
  return { frameKey: settings.frameKey, leaves: leftBy(task) };
}

/**
 * The tasks behind `foremost`, up to the first of which it cannot be told what it sends. What is to be asked is only an
 * attempt; what is to be done must not depend on anything that may be otherwise by then.
 */
export async function* outlooksFrom(
  foremost: Foremost,
  context: HostContext,
  stage: 'ask' | 'act',
): AsyncGenerator<Extract<Foreseen, { kind: 'task' | 'doneHere' }>> {
  const pending: Pending = { names: new Set(foremost.leaves), isRead: false };
  for (const upcoming of upcomingTasks(context.rest)) {
    if (!context.run.selection.isSelected(upcoming.task)) continue;
    const foreseen = await foresee(upcoming, context, pending, stage);
    if (foreseen.kind === 'unknown' || pending.isRead) return;
    for (const name of leftBy(upcoming.task)) pending.names.add(name);
    if (foreseen.kind === 'passed') continue;
    if (foreseen.kind === 'task' && foreseen.outlook.settings.frameKey !== foremost.frameKey) return;
    yield foreseen;
  }
}

function leftBy({ register, module, args }: TaskEntry): readonly string[] {
  const facts = module === 'set_fact' ? args.entries.map(({ key }) => key) : [];
  return register === undefined ? facts : [register, ...facts];
}

/** Actions that are known to do nothing to a host and to leave nothing but what `leftBy` tells. */
const PLAIN_ACTIONS: ReadonlySet<string> = new Set(['assert', 'debug', 'fail', 'set_fact']);

/** What the task sends first, if it can be told now. */
async function foresee(
  { task, place, near }: UpcomingTask,
  context: HostContext,
  pending: Pending,
  stage: 'ask' | 'act',
): Promise<Foreseen> {
  const { run, state } = context;
  const module = run.options.modules.get(task.module);
  if (!module || task.until.length > 0 || task.loopControl.pause) return { kind: 'unknown' };
  if (module.kind === 'action' && !PLAIN_ACTIONS.has(module.name)) return { kind: 'unknown' };
  if (module.name === 'set_fact' && task.args.entries.some(({ key }) => hasTemplate(key))) return { kind: 'unknown' };
  const onPending = () => {
    pending.isRead = true;
  };
  const mayDiffer = stage === 'act' || pending.names.size > 0;
  const ahead: HostContext = {
    ...context,
    run: mayDiffer ? { ...run, sources: { ...run.sources, onPending } } : run,
    near: [pendingLayer(pending.names, onPending), ...near],
    place,
  };
  try {
    const items = itemsOf(task, ahead);
    const called = items?.filter((item) => item.way.kind === 'call') ?? [];
    if (items?.some(({ way }) => way.kind === 'end' && way.raw.kind !== 'skipped')) return { kind: 'unknown' };
    const settings = called[0]?.way.kind === 'call' ? called[0].way.settings : undefined;
    if (!settings) return { kind: 'passed' };
    if (module.kind === 'action') return { kind: 'doneHere' };
    const isAlike = called.every(({ way }) => way.kind === 'call' && way.settings.frameKey === settings.frameKey);
    const scopes = called.map(({ scope }) => scope);
    if (!isAlike || isRunOnce(task.attributes, scopes[0] ?? {}) || settings.limitMs !== undefined) {
      return { kind: 'unknown' };
    }
    let needsFiles = false;
    const call: TaskCall = {
      run: ahead.run,
      context: ahead,
      task,
      identity: { id: 0, name: task.name.text, module: task.module, at: task.at, role: 'task' },
      module,
      settings,
      host: state.host,
      isShown: settings.isShown,
      onInput() {
        needsFiles = true;
      },
      share: scopes.length === 1 ? 'one' : 'all',
    };
    const sent = await firstSent(call, scopes, []);
    if (sent.kind === 'ended') return { kind: 'unknown' };
    const asks = sent.sections.filter((section) => section.kind === 'ask');
    return {
      kind: 'task',
      outlook: { place, task, call, scopes, settings, asks, isVerb: asks.length === 0, needsFiles },
    };
  } catch (thrown) {
    // Whatever it is, it is told when the task's turn comes.
    if (thrown instanceof Error) return { kind: 'unknown' };
    throw thrown;
  }
}

function pendingLayer(names: ReadonlySet<string>, note: () => void): Layer {
  return new Map([...names].map((name) => [name, { kind: 'pending', note }]));
}

export type Sent =
  | { readonly kind: 'sent'; readonly sections: readonly Section[] }
  /** It came to its end with what is known already. */
  | { readonly kind: 'ended'; readonly raws: readonly Raw[] };

class SentSections extends Error {
  readonly sections: readonly Section[];

  constructor(sections: readonly Section[]) {
    super('sent');
    this.sections = sections;
  }
}

/** What the call sends that `known` does not answer yet. The very code that will run the task says it. */
export async function firstSent(
  call: TaskCall,
  scopes: readonly Item['scope'][],
  known: readonly { readonly sections: readonly Section[]; readonly answers: readonly SectionAnswer[] }[],
): Promise<Sent> {
  let turn = 0;
  const exchange = async ({ sections }: { readonly sections: readonly Section[] }) => {
    const answer = known[turn];
    turn += 1;
    if (answer) return answer.answers;
    throw new SentSections(sections);
  };
  try {
    return { kind: 'ended', raws: await callModule({ ...call, exchange }, scopes) };
  } catch (thrown) {
    if (thrown instanceof SentSections) return { kind: 'sent', sections: thrown.sections };
    throw thrown;
  }
}

/** Whether two sections say the same to the host, whatever is to be done where they fail. */
export function isSameSection(one: Section, other: Section): boolean {
  return one === other || contentOf(one) === contentOf(other);
}

function contentOf(section: Section): string {
  if (section.kind === 'ask') return JSON.stringify(section.probes);
  const { guard, steps, after }: ActSection = section;
  return JSON.stringify([guard, steps, after], (_, value: unknown) =>
    value instanceof Uint8Array ? Buffer.from(value).toString('latin1') : value,
  );
}
