import type { Step } from '../contract/step.ts';
import { BenchError, UnreachableError } from '../core/errors.ts';
import type { CompiledFrame } from './compile.ts';
import type { ShellGoneError } from './reading.ts';

/** What can be said of a frame whose shell went away: how, and what of the frame is in doubt. */
export function goneError(host: string, gone: ShellGoneError, { stepSlots }: CompiledFrame): UnreachableError {
  const { exit, openSlot, slots } = gone;
  const open = openSlot === undefined ? undefined : stepSlots.get(openSlot);
  const doneCount = [...stepSlots.keys()].filter((slot) => slots.has(slot)).length;
  if (exit.kind === 'lost') {
    const where = open ? `${nameOf(open.step)} ran` : `${doneCount} of ${stepSlots.size} steps were done`;
    // What the host wrote last may be lost with the connection: more may have happened than was heard of.
    const what =
      stepSlots.size === 0
        ? 'while the host was asked: nothing was changed'
        : `when last heard, ${where}: what took effect from there on is not known`;
    return new UnreachableError('E_CONNECTION_LOST', `${host}: the connection was lost; ${what}`, {
      cause: exit.cause,
    });
  }
  const how = exit.kind === 'exited' ? `exit code ${exit.code}` : exit.signal;
  const when = open
    ? `while ${nameOf(open.step)} ran: whether that took effect is not known`
    : stepSlots.size === 0
      ? 'while it was asked: nothing was changed'
      : `after ${doneCount} of ${stepSlots.size} steps`;
  return new UnreachableError('E_SHELL_ENDED', `${host}: its shell ended with ${how} ${when}`);
}

export function frameBroken(host: string, code: number): BenchError {
  return new BenchError(
    'E_FRAME_ENDED',
    `${host}: something ended the shell of the frame between two steps (exit code ${code})`,
  );
}

function nameOf(step: Step): string {
  return step.kind === 'run' ? `"${step.argv.slice(0, 2).join(' ')}"` : `the writing of ${step.path}`;
}
