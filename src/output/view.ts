import {
  type DefaultRenderer,
  Listr,
  ListrDefaultRendererLogLevels,
  type ListrTask,
  type ListrTaskWrapper,
  type SimpleRenderer,
  Spinner,
} from 'listr2';
import type { RunEvent } from '../contract/event.ts';
import { lineRenderer, titleLine } from './lines.ts';
import type { EventConsumer, OutputOptions } from './options.ts';
import { painter, SIGN } from './style.ts';
import { addEvent, EMPTY_TALLY, type Tally } from './tally.ts';
import { EMPTY_VIEW, nextView, renderPlayHosts, renderPlayTitle, type ViewState } from './view-state.ts';

export interface ViewOptions extends OutputOptions {
  /** Milliseconds from a fixed moment, never set back. */
  readonly nowMs: () => number;
  /** Aborted when the user asks to stop: the screen says so at once. */
  readonly signal?: AbortSignal;
}

/** How often times on the screen are brought up to date. */
const REFRESH_MS = 250;
/** What listr2 puts around a line: the sign with its blanks on the left, two columns kept free on the right. */
const MARGIN = 5;

type PlayTask = ListrTaskWrapper<unknown, typeof DefaultRenderer, typeof SimpleRenderer>;

/** A play's place on the screen: listr2 runs a task that ends when the play does. */
interface Slot {
  readonly ended: PromiseWithResolvers<void>;
  task: PlayTask | undefined;
}

/**
 * The view for terminals: one line a play, below the running one a line for each host at work. What must not scroll away,
 * failures and warnings and the recap, is written when the last play is over.
 */
export function createView(options: ViewOptions): EventConsumer {
  let view: ViewState = EMPTY_VIEW;
  let tally: Tally = EMPTY_TALLY;
  let slots: readonly Slot[] = [];
  let screen: Promise<unknown> = Promise.resolve();
  let ticking: ReturnType<typeof setInterval> | undefined;
  let isOver = false;
  const kept: string[] = [];
  const render = lineRenderer(options);
  const width = options.width - MARGIN;

  const refresh = () => {
    if (options.signal?.aborted) view = { ...view, isStopping: true };
    for (const [index, play] of view.plays.entries()) {
      const task = slots[index]?.task;
      if (!task || play.state === 'waiting') continue;
      task.title = renderPlayTitle(view, play, options.nowMs(), width);
      if (play.state === 'running') task.output = renderPlayHosts(play, options.nowMs(), width - 2).join('\n');
    }
  };

  /** Gives a play its last line. Nothing is drawn for it afterwards: listr2 would begin a second screen. */
  const settle = (index: number) => {
    const play = view.plays[index];
    const slot = slots[index];
    if (!play || !slot) return;
    refresh();
    if (play.state === 'waiting') slot.task?.skip();
    slot.task = undefined;
    if (play.state === 'done' || play.state === 'waiting') slot.ended.resolve();
    else slot.ended.reject(new Error(play.name));
  };

  const open = (event: Extract<RunEvent, { type: 'runStarted' }>) => {
    options.write(`${titleLine(options, event.hosts.length, event.mode)}\n\n`);
    slots = view.plays.map(() => ({ ended: Promise.withResolvers<void>(), task: undefined }));
    for (const { ended } of slots) ended.promise.catch(() => undefined);
    const tasks = view.plays.map((play, index) =>
      playTask(renderPlayTitle(view, play, 0, width), slots[index], () => {
        refresh();
        return isOver && view.plays[index]?.state === 'waiting' ? 'skipped' : 'begun';
      }),
    );
    screen = listrOf(tasks, options).run();
    ticking = setInterval(refresh, REFRESH_MS);
    options.signal?.addEventListener('abort', refresh, { once: true });
  };

  const close = () => {
    isOver = true;
    clearInterval(ticking);
    for (const index of slots.keys()) settle(index);
  };

  return {
    event(event) {
      tally = addEvent(tally, event);
      view = nextView(view, event, options.nowMs());
      if (event.type === 'runStarted') open(event);
      // Only what is kept is rendered: a heading belongs above the first kept line of its play.
      const lines = isKept(event, options) || isSetting(event) ? render(event, tally) : [];
      if (event.type !== 'runStarted') kept.push(...lines);
      if (event.type === 'playFinished') settle(event.play - 1);
      if (event.type === 'runFinished') close();
    },
    async end() {
      close();
      await screen;
      if (kept.length > 0) options.write(`${kept.join('\n')}\n`);
    },
  };
}

/** Events from which the lines take headings and widths. */
function isSetting({ type }: RunEvent): boolean {
  return type === 'runStarted' || type === 'playStarted' || type === 'playFinished';
}

function isKept(event: RunEvent, { diff, verbosity }: OutputOptions): boolean {
  switch (event.type) {
    case 'warning':
    case 'hostEnded':
    case 'runFinished':
      return true;
    case 'taskFinished': {
      const { status } = event.outcome;
      if (status === 'failed' || status === 'unreachable' || status === 'unknown') return true;
      return event.notes.length > 0 || verbosity > 0 || (status === 'changed' && diff === 'shown');
    }
    default:
      return false;
  }
}

function playTask(
  title: string,
  slot: Slot | undefined,
  begin: () => 'begun' | 'skipped',
): ListrTask<unknown, typeof DefaultRenderer, typeof SimpleRenderer> {
  return {
    title,
    exitOnError: false,
    task: async (_, task) => {
      if (!slot) return;
      slot.task = task;
      if (begin() === 'skipped') task.skip();
      else await slot.ended.promise;
    },
  };
}

/** Stands where the signs stand: behind one blank. */
class IndentedSpinner extends Spinner {
  override fetch(): string {
    return ` ${super.fetch()}`;
  }
}

function listrOf(
  tasks: ListrTask<unknown, typeof DefaultRenderer, typeof SimpleRenderer>[],
  { colour }: OutputOptions,
) {
  const paint = painter(colour);
  const level = ListrDefaultRendererLogLevels;
  const plain = (text: string | undefined) => text ?? '';
  const painted = (meaning: 'ok' | 'failed' | 'changed') => (text: string | undefined) => paint(meaning, text ?? '');
  return new Listr<unknown, 'default', 'simple'>(tasks, {
    concurrent: false,
    exitOnError: false,
    // The run is broken off by bench itself, which tells every consumer; a second handler would tear the screen.
    registerSignalListeners: false,
    renderer: 'default',
    rendererOptions: {
      spinner: new IndentedSpinner(),
      formatOutput: 'truncate',
      collapseErrors: false,
      showErrorMessage: false,
      showSkipMessage: false,
      icon: {
        [level.COMPLETED]: ` ${SIGN.ok}`,
        [level.FAILED]: ` ${SIGN.failed}`,
        [level.WAITING]: '  ',
        [level.OUTPUT]: ' ',
        [level.SKIPPED_WITH_COLLAPSE]: ` ${SIGN.skipped}`,
      },
      color: {
        [level.COMPLETED]: painted('ok'),
        [level.FAILED]: painted('failed'),
        [level.PENDING]: painted('changed'),
        [level.WAITING]: plain,
        [level.OUTPUT]: plain,
        [level.SKIPPED_WITH_COLLAPSE]: plain,
      },
    },
  });
}
