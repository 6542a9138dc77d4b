import type { RunEvent, TaskIdentity } from '../contract/event.ts';
import type { Failure } from '../contract/outcome.ts';
import type { Position } from '../core/diagnostic.ts';
import { formatDuration } from '../core/duration.ts';
import { linesOf, tailOf } from '../core/text.ts';
import { indented, printable, wrap } from './layout.ts';
import { type Paint, SIGN } from './style.ts';

export type TaskFinished = Extract<RunEvent, { type: 'taskFinished' }>;

const TAIL_LINES = 8;

/** `playbooks/storage.yml:31`. */
export function shortPosition({ file, line }: Position): string {
  return `${file}:${line}`;
}

/** Everything a reader wants to know about a failure, in that order: where, what, by which command, what to do. */
export function renderFailure(
  { task, host, elapsedMs, play }: Pick<TaskFinished, 'task' | 'host' | 'elapsedMs'> & { readonly play: string },
  failure: Failure,
  paint: Paint,
  width: number,
): string[] {
  const name = play === '' ? task.name : `${play}: ${task.name}`;
  const head = `${host}  ${name}  ${shortPosition(task.at)}  after ${formatDuration(elapsedMs)}`;
  const [first = '', ...more] = wrap(head, width - 3);
  return [
    ` ${paint('failed', `${SIGN.failed} ${first}`)}`,
    ...indented(more, 5),
    ...indented(wrap(printable(`${failure.message} [${failure.code}]`), width - 5), 5),
    ...indented(commandLines(failure, width), 5),
    ...indented(placeLines(failure, task), 5),
    ...hintLines(failure.hint, width),
  ];
}

function commandLines({ command, exitCode, stdout, stderr, message }: Failure, width: number): string[] {
  const lines: string[] = [];
  if (command !== undefined && !message.includes(command)) {
    const isCodeTold = exitCode === undefined || message.includes(`exit code ${exitCode}`);
    lines.push(...wrap(printable(`${command}${isCodeTold ? '' : `  (exit code ${exitCode})`}`), width - 5));
  }
  const [name, said] = stderr?.trim() ? ['stderr', stderr] : ['stdout', stdout ?? ''];
  const tail = printable(tailOf(said.trimEnd(), TAIL_LINES));
  if (tail.trim() !== '' && !message.includes(tail.trim())) {
    lines.push(
      `${name}:`,
      ...indented(
        linesOf(tail).flatMap((line) => wrap(line, width - 7)),
        2,
      ),
    );
  }
  return lines;
}

function placeLines({ at }: Failure, task: TaskIdentity): string[] {
  if (!at || (at.file === task.at.file && at.line === task.at.line)) return [];
  return [`at ${shortPosition(at)}`];
}

function hintLines(hint: string | undefined, width: number): string[] {
  if (!hint) return [];
  const [first = '', ...more] = wrap(hint, width - 9);
  return [`   hint: ${first}`, ...indented(more, 9)];
}
