import type { RunEvent } from '../contract/event.ts';
import type { Outcome } from '../contract/outcome.ts';
import { formatDuration } from '../core/duration.ts';
import { counted, linesOf } from '../core/text.ts';
import { clip, printable, spread } from './layout.ts';
import { SIGN } from './style.ts';
import { formatInterval } from './trials.ts';

/** What the terminal shows of one host in a play. */
export interface HostView {
  readonly changed: number;
  /** What it is doing, since when, and the last line that it wrote. */
  readonly now: { readonly task: string; readonly sinceMs: number; readonly said: string } | undefined;
  /** The task at which it stopped. */
  readonly failedAt: string | undefined;
}

export interface PlayView {
  readonly name: string;
  readonly tasks: number;
  readonly state: 'waiting' | 'running' | 'done' | 'failed';
  readonly sinceMs: number;
  readonly elapsedMs: number;
  /** Changed in place: a copy for every event of a thousand hosts would take longer than their work. */
  readonly hosts: Map<string, HostView>;
}

export interface ViewState {
  readonly plays: readonly PlayView[];
  /** Index of the play that runs. */
  readonly current: number | undefined;
  readonly mode: 'apply' | 'check';
  /** The user asked to stop, and what is begun is being ended. */
  readonly isStopping: boolean;
}

export const EMPTY_VIEW: ViewState = { plays: [], current: undefined, mode: 'apply', isStopping: false };

const IDLE: HostView = { changed: 0, now: undefined, failedAt: undefined };

/** The view after an event that came at `nowMs`; the one before it is used up. */
export function nextView(view: ViewState, event: RunEvent, nowMs: number): ViewState {
  switch (event.type) {
    case 'runStarted': {
      const plays = event.plays.map(
        ({ name, tasks }): PlayView => ({ name, tasks, state: 'waiting', sinceMs: 0, elapsedMs: 0, hosts: new Map() }),
      );
      return { ...EMPTY_VIEW, plays, mode: event.mode };
    }
    case 'playStarted': {
      const index = event.play - 1;
      const hosts = new Map(
        event.hosts.map((host): [string, HostView] => [host, view.plays[index]?.hosts.get(host) ?? IDLE]),
      );
      const begun = view.plays[index]?.state === 'waiting' ? { sinceMs: nowMs } : {};
      return withPlay({ ...view, current: index }, index, (play) => ({
        ...play,
        ...begun,
        state: 'running',
        hosts: new Map([...play.hosts, ...hosts]),
      }));
    }
    case 'playFinished':
      return withPlay(view, event.play - 1, (play) => ({
        ...play,
        elapsedMs: nowMs - play.sinceMs,
        state: [...play.hosts.values()].some(({ failedAt }) => failedAt !== undefined) ? 'failed' : 'done',
      }));
    case 'taskStarted':
      return withHost(view, event.host, (host) => ({
        ...host,
        now: { task: event.task.name, sinceMs: nowMs, said: '' },
      }));
    case 'taskOutput':
      return withHost(view, event.host, (host) =>
        said(
          host,
          linesOf(printable(event.text)).findLast((line) => line.trim() !== ''),
        ),
      );
    case 'taskRetried':
      return withHost(view, event.host, (host) => said(host, `attempt ${event.attempt} of ${event.of}`));
    case 'taskItem':
      return withHost(view, event.host, (host) => said(host, event.label));
    case 'taskFinished':
      return withHost(view, event.host, (host) => afterTask(host, event.task.name, event.outcome));
    case 'hostEnded':
      return withHost(view, event.host, (host) => ({ ...host, now: undefined }));
    case 'trialFinished': {
      const { total_ms, pause_ms } = event.trial.figures;
      const total = total_ms.kind === 'captured' ? `total ${formatInterval(total_ms.ms)} ms` : 'total missing';
      const pause = pause_ms.kind === 'captured' ? `pause ${formatInterval(pause_ms.ms)} ms` : 'pause missing';
      return withWorking(view, (host) =>
        said(host, `${event.trial.source} -> ${event.trial.destination}: ${total}, ${pause}`),
      );
    }
    case 'runFinished':
      return { ...view, plays: view.plays.map((play) => (play.state === 'running' ? broken(play, nowMs) : play)) };
    case 'hostConnected':
    case 'handlersNotified':
    case 'warning':
      return view;
  }
}

function broken(play: PlayView, nowMs: number): PlayView {
  return { ...play, state: 'failed', elapsedMs: nowMs - play.sinceMs };
}

function said(host: HostView, line: string | undefined): HostView {
  return host.now && line !== undefined ? { ...host, now: { ...host.now, said: line.trim() } } : host;
}

function afterTask(host: HostView, task: string, outcome: Outcome): HostView {
  const isStop = (outcome.status === 'failed' || outcome.status === 'unreachable') && !outcome.isIgnored;
  return {
    changed: host.changed + (outcome.status === 'changed' ? 1 : 0),
    now: undefined,
    failedAt: isStop ? task : host.failedAt,
  };
}

function withPlay(view: ViewState, index: number, change: (play: PlayView) => PlayView): ViewState {
  return { ...view, plays: view.plays.map((play, at) => (at === index ? change(play) : play)) };
}

function withHost(view: ViewState, name: string, change: (host: HostView) => HostView): ViewState {
  const hosts = view.current === undefined ? undefined : view.plays[view.current]?.hosts;
  hosts?.set(name, change(hosts.get(name) ?? IDLE));
  return view;
}

function withWorking(view: ViewState, change: (host: HostView) => HostView): ViewState {
  const hosts = view.current === undefined ? undefined : view.plays[view.current]?.hosts;
  for (const [name, host] of hosts ?? []) if (host.now) hosts?.set(name, change(host));
  return view;
}

/** Hosts that are shown one by one; more are summed up. */
const MOST_HOSTS = 6;

/** A play's own line: its name, what most of its hosts are at, changes by host, time. */
export function renderPlayTitle(view: ViewState, play: PlayView, nowMs: number, width: number): string {
  const nameWidth = Math.min(24, Math.max(8, ...view.plays.map(({ name }) => name.length)));
  const name = clip(play.name, nameWidth).padEnd(nameWidth);
  if (play.state === 'waiting') return clip(`${name}  ${counted(play.tasks, 'task')}`, width);
  const elapsed = formatDuration(play.state === 'running' ? nowMs - play.sinceMs : play.elapsedMs);
  const right = `${changesOf(play, view.mode)}  ${elapsed.padStart(9)}`;
  const middle = play.state === 'running' ? `${view.isStopping ? 'stopping: ' : ''}${busiest(play)}` : stopped(play);
  return spread(clip(`${name}  ${middle}`, width - right.length - 2), right, width);
}

function busiest(play: PlayView): string {
  const tasks = [...play.hosts.values()].flatMap(({ now }) => (now ? [now.task] : []));
  const [most] = [...Map.groupBy(tasks, (task) => task)].sort(([, a], [, b]) => b.length - a.length);
  return most?.[0] ?? '';
}

function stopped(play: PlayView): string {
  const failed = [...play.hosts].filter(([, { failedAt }]) => failedAt !== undefined);
  const [first] = failed;
  if (first) return failed.length === 1 ? `${first[0]} failed: ${first[1].failedAt}` : `${failed.length} hosts failed`;
  return play.state === 'failed' ? 'not finished' : counted(play.tasks, 'task');
}

function changesOf(play: PlayView, mode: ViewState['mode']): string {
  const changed = [...play.hosts].filter(([, host]) => host.changed > 0);
  const sign = mode === 'check' ? '~' : '+';
  if (changed.length > 3) {
    return `${changed.length} hosts ${sign}${changed.reduce((sum, [, host]) => sum + host.changed, 0)}`;
  }
  return changed.map(([name, host]) => `${name} ${sign}${host.changed}`).join('  ');
}

/** Below a running play: what each host is doing and since when, with its last words; then which hosts have stopped. */
export function renderPlayHosts(play: PlayView, nowMs: number, width: number): string[] {
  if (play.state !== 'running') return [];
  const nameWidth = Math.max(...[...play.hosts.keys()].map((name) => name.length));
  const stops = [...play.hosts].filter(([, { failedAt }]) => failedAt !== undefined);
  const working = [...play.hosts].flatMap(([name, { now }]) => (now ? [{ name, ...now }] : []));
  const shown = working.length <= MOST_HOSTS ? working : working.slice(0, MOST_HOSTS - 1);
  const title = busiest(play);
  return [
    ...shown.map(({ name, task, sinceMs, said: words }) => {
      // The title already names the task that most hosts are at.
      const doing = task === title ? words : `${task}${words === '' ? '' : `: ${words}`}`;
      return spread(`${name.padEnd(nameWidth)}  ${doing}`, formatDuration(nowMs - sinceMs), width);
    }),
    ...(working.length > shown.length ? [`and ${counted(working.length - shown.length, 'more host')} at work`] : []),
    ...stops
      .slice(0, MOST_HOSTS)
      .map(([name, { failedAt }]) => clip(`${name.padEnd(nameWidth)}  ${SIGN.failed} ${failedAt}`, width)),
  ];
}
