import type { RunResult } from '../contract/event.ts';

/** What bench's process ends with. */
export const EXIT = {
  done: 0,
  taskFailed: 1,
  badInput: 2,
  unreachable: 3,
  missedMark: 4,
  bug: 70,
  interrupted: 130,
} as const;

export function exitCodeOf({ status }: RunResult): number {
  switch (status) {
    case 'done':
      return EXIT.done;
    case 'failed':
      return EXIT.taskFailed;
    case 'unreachable':
      return EXIT.unreachable;
    case 'missedMark':
      return EXIT.missedMark;
    case 'interrupted':
      return EXIT.interrupted;
  }
}
