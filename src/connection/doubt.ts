import type { Step } from '../contract/step.ts';
import { BenchError, UnreachableError } from '../core/errors.ts';
import type { CompiledFrame } from './compile.ts';
import type { ShellGoneError } from './shell.ts';

/** What can be said of a frame whose shell went away: how, and what of the frame is in doubt. */
export function goneError(host: string, gone: ShellGoneError, { stepSlots }: CompiledFrame): UnreachableError {
  const { exit, openSlot, slots } = gone;
  const open = openSlot === undefined ? undefined : stepSlots.get(openSlot);
  const doneCount = [...stepSlots.keys()].filter((slot) => slots.has(slot)).length;
  const how =
    exit.kind === 'lost'
      ? 'the connection was lost'
      : `its shell ended with ${exit.kind === 'exited' ? `exit code ${exit.code}` : exit.signal}`;
  const doubt = open
    ? `while ${nameOf(open.step)} ran: whether that took effect is not known`
    : stepSlots.size === 0
      ? 'while it was asked: nothing was changed'
      : `after ${doneCount} of ${stepSlots.size} steps: whether the next one began is not known`;
  const code = exit.kind === 'lost' ? 'E_CONNECTION_LOST' : 'E_SHELL_ENDED';
  return new UnreachableError(code, `${host}: ${how} ${doubt}`, exit.kind === 'lost' ? { cause: exit.cause } : {});
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
