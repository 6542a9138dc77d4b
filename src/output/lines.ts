import type { RunEvent } from '../contract/event.ts';
import { formatDuration } from '../core/duration.ts';
import { counted, linesOf } from '../core/text.ts';
import { namesOf, renderChanges } from './changes.ts';
import { renderFailure, shortPosition, type TaskFinished } from './failure.ts';
import { clip, indented, printable, spread, wrap } from './layout.ts';
import type { EventConsumer, OutputOptions } from './options.ts';
import { renderRecap } from './recap.ts';
import { painter, SIGN } from './style.ts';
import { addEvent, EMPTY_TALLY, type Tally } from './tally.ts';
import { renderTrialLine, renderVerify } from './trials.ts';

/** Plain lines, for where there is no terminal: one line an outcome that matters, failures in full, a recap. */
export function createLines(options: OutputOptions): EventConsumer {
  let tally: Tally = EMPTY_TALLY;
  const render = lineRenderer(options);
  return {
    event(event) {
      tally = addEvent(tally, event);
      const lines = render(event, tally);
      if (lines.length > 0) options.write(`${lines.join('\n')}\n`);
    },
    end: async () => {},
  };
}

/** The lines of each event. The tally already holds the event. */
export function lineRenderer(options: OutputOptions): (event: RunEvent, tally: Tally) => readonly string[] {
  const paint = painter(options.colour);
  const { width, verbosity } = options;
  let hostWidth = 0;
  let play = '';
  // A play is named only when it has something to say.
  let heading: readonly string[] = [];
  const below = (lines: readonly string[]): readonly string[] => {
    if (lines.length === 0 || heading.length === 0) return lines;
    const all = [...heading, ...lines];
    heading = [];
    return all;
  };
  const linesOfEvent = (event: RunEvent, tally: Tally): readonly string[] => {
    switch (event.type) {
      case 'runStarted':
        hostWidth = Math.min(20, Math.max(0, ...event.hosts.map((host) => host.length)));
        return [titleLine(options, event.hosts.length, event.mode)];
      case 'playStarted':
        play = event.name;
        heading = ['', clip(`${event.name}  ${event.hosts.join(' ')}`, width)];
        return [];
      case 'hostConnected':
        return verbosity < 2 ? [] : [`   ${event.host}  connected  ${formatDuration(event.elapsedMs)}`];
      case 'taskOutput':
        return verbosity < 2
          ? []
          : linesOf(printable(event.text)).map((line) => `     ${event.host.padEnd(hostWidth)}  ${line}`);
      case 'taskRetried':
        return [`   ${event.host.padEnd(hostWidth)}  ${event.task.name}  attempt ${event.attempt} of ${event.of}`];
      case 'taskItem':
        return verbosity < 1
          ? []
          : [
              `   ${SIGN[event.outcome.status]} ${event.host.padEnd(hostWidth)}  ${event.task.name}  (${clip(event.label, 40)})`,
            ];
      case 'taskFinished':
        return taskLines(event, options, paint, hostWidth, tally.mode, play);
      case 'handlersNotified':
        return verbosity < 1 ? [] : [`   ${event.host.padEnd(hostWidth)}  will run: ${event.handlers.join(', ')}`];
      case 'hostEnded':
        return [` ${paint('warning', SIGN.warning)} ${event.host}  ${event.reason}`];
      case 'trialFinished':
        return renderTrialLine(event.trial, paint, width);
      case 'warning': {
        const place = event.at ? `${shortPosition(event.at)}  ` : '';
        const [first = '', ...more] = wrap(`${place}${event.message}`, width - 3);
        return [` ${paint('warning', SIGN.warning)} ${first}`, ...indented(more, 3)];
      }
      case 'runFinished': {
        const verify = tally.trials.length > 0 ? ['', ...renderVerify(tally.trials, options, paint)] : [];
        const isLong = event.result.status === 'done' && event.elapsedMs >= LONG_RUN_MS;
        const time = verbosity >= 1 || isLong ? [ledgerLine(event.ledger, width)] : [];
        return [...verify, '', ...renderRecap(tally, event.result, event.elapsedMs, options, paint), ...time];
      }
      case 'taskStarted':
        return [];
      case 'playFinished':
        heading = [];
        return [];
    }
  };
  return (event, tally) => {
    const lines = linesOfEvent(event, tally);
    return event.type === 'runFinished' ? lines : below(lines);
  };
}

/** `bench provision  inventory/lab.ini  3 hosts  run 2026-11-24T14-02-11`; the run on a line of its own where it does not fit. */
export function titleLine({ title, run, width }: OutputOptions, hosts: number, mode: 'apply' | 'check'): string {
  const what = [title, counted(hosts, 'host'), ...(mode === 'check' ? ['check only'] : [])].join('  ');
  if (run === undefined) return clip(what, width);
  const whole = `${what}  run ${run}`;
  return whole.length <= width ? whole : `${wrap(what, width).join('\n')}\nrun ${run}`;
}

function taskLines(
  event: TaskFinished,
  options: OutputOptions,
  paint: ReturnType<typeof painter>,
  hostWidth: number,
  mode: Tally['mode'],
  play: string,
): readonly string[] {
  const { outcome, task, host } = event;
  const notes = indented(
    event.notes.flatMap((note) => wrap(printable(note), options.width - 5)),
    5,
  );
  const line = (detail: string) => {
    const text = ` ${SIGN[outcome.status]} ${host.padEnd(hostWidth)}  ${task.name}`;
    const time = event.elapsedMs < 100 ? '' : formatDuration(event.elapsedMs);
    const room = options.width - text.length - time.length - 4;
    const full = detail === '' || room < 8 ? text : `${text}  ${clip(detail, room)}`;
    return spread(full, time, options.width)
      .trimEnd()
      .replace(SIGN[outcome.status], paint(outcome.status, SIGN[outcome.status]));
  };
  switch (outcome.status) {
    case 'ok':
      return options.verbosity >= 1 || notes.length > 0 ? [line(''), ...notes] : [];
    case 'changed': {
      const room = options.width - host.length - task.name.length - 16;
      const what = namesOf(outcome.changes, room);
      // An action says by itself what it would do.
      const detail = mode === 'check' && !what.startsWith('would ') ? `would change ${what}` : what;
      return [
        line(detail),
        ...(options.diff === 'shown' ? renderChanges(outcome.changes, paint, options.width) : []),
        ...notes,
      ];
    }
    case 'skipped':
      return options.verbosity >= 1 ? [line(outcome.reason), ...notes] : notes;
    case 'unknown':
      return [line(outcome.reason), ...notes];
    case 'failed':
    case 'unreachable':
      if (outcome.isIgnored) return [line(`ignored: ${outcome.failure.message}`), ...notes];
      return [...renderFailure({ ...event, play }, outcome.failure, paint, options.width), ...notes];
  }
}

/** Of a run that took so long the reader wants to know what it waited for. */
const LONG_RUN_MS = 5_000;

/** Where the time went, the largest part first; bench's own part is always told. */
function ledgerLine(ledger: Readonly<Record<string, number>>, width: number): string {
  const { bench = 0, ...waits } = ledger;
  const parts = Object.entries(waits)
    .filter(([, ms]) => ms >= 1)
    .sort(([, one], [, other]) => other - one)
    .map(([name, ms]) => `${name} ${formatDuration(ms)}`);
  const own = `bench itself ${formatDuration(bench)}`;
  return `   ${clip(['time:', own, ...parts].join('  '), width - 3)}`;
}
