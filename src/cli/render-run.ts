import type { RunEvent } from '../contract/event.ts';
import { formatDuration } from '../core/duration.ts';
import { indented, wrap } from '../output/layout.ts';
import { lineRenderer } from '../output/lines.ts';
import type { OutputOptions } from '../output/options.ts';
import { addEvent, EMPTY_TALLY } from '../output/tally.ts';
import { renderTrialTable } from '../output/trials.ts';
import type { StoredRun } from '../store/run-store.ts';
import { colour, commandLine, screenWidth } from './screen.ts';

/**
 * A stored run for people: what it was, what failed in it, its trials and how it ended; with `verbosity` also what it
 * changed, line by line, as it was shown then.
 */
export function renderStoredRun({ record, events, trials }: StoredRun, verbosity: number): string {
  const width = screenWidth();
  const isApply = record.mode === 'apply';
  const options: OutputOptions = {
    write: () => undefined,
    title: commandLine(record.command.slice(1)),
    run: record.id,
    verbosity: Math.max(0, verbosity - 1),
    diff: verbosity > 0 ? 'shown' : 'hidden',
    colour: colour(),
    width,
    again: isApply
      ? commandLine([...record.command.slice(1).filter((word) => word !== '--resume'), '--resume'])
      : undefined,
    lastChange: undefined,
    report: undefined,
  };
  const facts: readonly (readonly [string, string])[] = [
    ['run', `${record.id}${isApply ? '' : ' (check only)'}`],
    ['command', options.title],
    ['by', `${record.by} in ${record.directory}`],
    ['playbook', record.playbook.file],
    ['inventory', record.inventory.file],
    [
      'versions',
      Object.entries(record.versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', '),
    ],
    ...(record.resumedFrom === undefined ? [] : [['goes on from', record.resumedFrom] as const]),
  ];
  const head = facts.flatMap(([name, value]) => {
    const [first = '', ...more] = wrap(value, width - 14);
    return [`${name.padEnd(14)}${first}`, ...indented(more, 14)];
  });
  const table = trials.length === 0 ? [] : ['', ...renderTrialTable(trials, width)];
  return [
    ...head,
    ...told(
      events.map(({ event }) => event),
      options,
      verbosity,
    ),
    ...table,
    ...unfinished(events),
  ].join('\n');
}

/** The lines of the run that are worth reading again. */
function told(events: readonly RunEvent[], options: OutputOptions, verbosity: number): string[] {
  const render = lineRenderer(options);
  const lines: string[] = [];
  let tally = EMPTY_TALLY;
  for (const event of events) {
    tally = addEvent(tally, event);
    const rendered = render(event, tally);
    if (event.type !== 'runStarted' && (verbosity > 0 || isWorthTelling(event))) lines.push(...rendered);
  }
  return lines;
}

function isWorthTelling(event: RunEvent): boolean {
  switch (event.type) {
    case 'warning':
    case 'hostEnded':
    case 'runFinished':
      return true;
    case 'taskFinished':
      return event.outcome.status === 'failed' || event.outcome.status === 'unreachable';
    default:
      return false;
  }
}

/** Where a run stood that goes on or was killed: what each host was last at. */
function unfinished(events: StoredRun['events']): string[] {
  if (events.some(({ event }) => event.type === 'runFinished')) return [];
  const last = new Map<string, string>();
  for (const { event } of events) {
    if (event.type === 'taskStarted') last.set(event.host, event.task.name);
    if (event.type === 'taskFinished') last.delete(event.host);
  }
  const begun = [...last].map(([host, task]) => `   ${host}  ${task}`);
  const [first, final] = [events[0], events.at(-1)];
  const span = first && final ? ` after ${formatDuration(Date.parse(final.time) - Date.parse(first.time))}` : '';
  return ['', ` ✖ not finished: it goes on, or was killed${span}`, ...begun];
}
