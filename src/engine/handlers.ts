import type { TaskEntry } from '../playbook/play.ts';
import { renderText } from '../template/render.ts';
import { runTask } from './entries.ts';
import type { HostContext } from './play-run.ts';
import { scopeFor } from './variables.ts';

/** Notes the handlers that a changed task names, by their name or by what they listen to. */
export function notify(task: TaskEntry, context: HostContext): void {
  const { run, state } = context;
  const scope = scopeFor(run.sources, state.host, task.attributes.vars, context.near);
  const names = task.notify.map(({ text, at }) => renderText(text, at, scope));
  const called = run.sources.play.handlers
    .filter((handler) => names.includes(handler.name.text) || handler.listen.some((topic) => names.includes(topic)))
    .map((handler) => handler.name.text);
  for (const name of called) state.notified.add(name);
  if (called.length > 0) run.options.emit({ type: 'handlersNotified', host: state.host, handlers: called });
}

/** Runs the notified handlers, each once, in the order in which the play lists them; they may notify later ones. */
export async function flushHandlers(context: HostContext): Promise<void> {
  const { run, state } = context;
  for (const [index, handler] of run.sources.play.handlers.entries()) {
    const name = handler.name.text;
    if (!state.notified.has(name)) continue;
    await runTask(handler, { ...context, place: [...context.place, index] }, 'handler');
    state.notified.delete(name);
  }
}
