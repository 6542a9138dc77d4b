import type { TaskEntry } from '../playbook/play.ts';
import { runTask } from './entries.ts';
import type { HostContext } from './play-run.ts';

/**
 * Runs the notified handlers in the order in which the play lists them. A handler may notify others; one that stands
 * before it has its turn in another round. Each runs once, so that two which notify each other come to an end.
 */
export async function flushHandlers(context: HostContext): Promise<void> {
  const { run, state } = context;
  const { handlers } = run.sources.play;
  const done = new Set<TaskEntry>();
  const isDue = (handler: TaskEntry) => state.notified.has(handler) && !done.has(handler);
  for (let round = 0; handlers.some(isDue); round += 1) {
    for (const [index, handler] of handlers.entries()) {
      if (!isDue(handler)) continue;
      done.add(handler);
      // What comes behind it depends on what it notifies.
      await runTask(handler, { ...context, rest: undefined, place: [...context.place, round, index] }, 'handler');
      state.notified.delete(handler);
    }
  }
}
