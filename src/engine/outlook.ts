import type { ActSection, AskSection, Section, SectionAnswer } from '../contract/frame.ts';
import type { TaskEntry } from '../playbook/play.ts';
import { callModule, type TaskCall } from './call.ts';
import type { Item } from './items.ts';
import { itemsOf } from './items.ts';
import type { HostContext } from './play-run.ts';
import type { Raw } from './report.ts';
import type { UpcomingTask } from './rest.ts';
import { type Layer, NotYetKnown } from './scope.ts';
import { isRunOnce, type TaskSettings } from './settings.ts';

/** A task to come, as far as it can be told what it will send to the host. */
export interface Outlook {
  readonly place: string;
  readonly task: TaskEntry;
  readonly call: TaskCall;
  readonly scopes: readonly Item['scope'][];
  readonly settings: TaskSettings;
  readonly asks: readonly AskSection[];
  /** The first thing that it sends are steps: it asks nothing. */
  readonly isVerb: boolean;
}

export type Foreseen =
  | { readonly kind: 'task'; readonly outlook: Outlook }
  /** Nothing of it goes to the host. */
  | { readonly kind: 'passed' }
  /** It may be asked past it, but nothing behind it may act before it was done. */
  | { readonly kind: 'doneHere' }
  | { readonly kind: 'unknown' };

/** What the task sends first, if it can be told now: variables that tasks before it will leave are `pending`. */
export async function foresee(
  { task, place, near }: UpcomingTask,
  context: HostContext,
  pending: ReadonlySet<string>,
): Promise<Foreseen> {
  const { run, state } = context;
  const module = run.options.modules.get(task.module);
  if (!module || task.until.length > 0 || task.loopControl.pause) return { kind: 'unknown' };
  if (module.kind === 'action') return { kind: module.isHarmless && module.name !== 'pause' ? 'doneHere' : 'unknown' };
  const sources = pending.size > 0 ? { ...run.sources, hasPending: true } : run.sources;
  const ahead: HostContext = {
    ...context,
    run: { ...run, sources },
    near: pending.size > 0 ? [pendingLayer(pending), ...near] : near,
    place,
  };
  try {
    const items = itemsOf(task, ahead);
    const called = items?.filter((item) => item.way.kind === 'call') ?? [];
    const settings = called[0]?.way.kind === 'call' ? called[0].way.settings : undefined;
    if (items?.some(({ way }) => way.kind === 'end' && way.raw.kind !== 'skipped')) return { kind: 'unknown' };
    if (!settings) return { kind: 'passed' };
    const isAlike = called.every(({ way }) => way.kind === 'call' && way.settings.frameKey === settings.frameKey);
    const scopes = called.map(({ scope }) => scope);
    if (!isAlike || isRunOnce(task.attributes, scopes[0] ?? {})) return { kind: 'unknown' };
    const identity = run.catalogue.identify(task, 'task');
    const call: TaskCall = {
      run: ahead.run,
      context: ahead,
      task,
      identity,
      module,
      settings,
      host: state.host,
      isShown: settings.isShown,
    };
    const sent = await firstSent(call, scopes, []);
    if (sent.kind === 'ended') return { kind: 'unknown' };
    const asks = sent.sections.filter((section) => section.kind === 'ask');
    return {
      kind: 'task',
      outlook: { place: place.join('.'), task, call, scopes, settings, asks, isVerb: asks.length === 0 },
    };
  } catch (thrown) {
    // Whatever it is, it is told when the task's turn comes.
    if (thrown instanceof Error) return { kind: 'unknown' };
    throw thrown;
  }
}

function pendingLayer(names: ReadonlySet<string>): Layer {
  return new Map(
    [...names].map((name) => [
      name,
      {
        kind: 'computed',
        compute: () => {
          throw new NotYetKnown(name);
        },
      },
    ]),
  );
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
