import type { LocatedText } from '../contract/yaml-node.ts';
import { DiagnosticError } from '../core/diagnostic.ts';
import { suggest } from '../core/text.ts';
import type { TaskEntry } from '../playbook/play.ts';
import { renderText } from '../template/render.ts';
import { unlessMistaken } from './failure.ts';
import type { HostContext } from './play-run.ts';
import type { Scope } from './scope.ts';
import { scopeFor } from './variables.ts';

/** The handlers that names mean, by their own name or by what they listen to, each with its name on this host. */
export function handlersFor(
  names: readonly LocatedText[],
  scope: Scope,
  context: HostContext,
): ReadonlyMap<TaskEntry, string> {
  const { handlers } = context.run.sources.play;
  const named = new Map(handlers.map((handler) => [handler, handlerName(handler, context)]));
  const meant = new Map<TaskEntry, string>();
  for (const { text, at } of names) {
    const wanted = renderText(text, at, scope);
    const found = [...named].filter(([{ listen }, name]) => name === wanted || listen.includes(wanted));
    for (const [handler, name] of found) meant.set(handler, name);
    if (found.length > 0) continue;
    const message = `no handler is named "${wanted}" or listens to it`;
    const known = [...named.values(), ...handlers.flatMap(({ listen }) => listen)];
    throw new DiagnosticError([{ code: 'E_UNKNOWN_HANDLER', at, message, hint: suggest(wanted, known) }]);
  }
  return meant;
}

/** A handler's name as its host sees it. */
export function handlerName({ name, attributes }: TaskEntry, { run, state }: HostContext): string {
  const scope = scopeFor(run.sources, state.host, attributes.vars);
  return unlessMistaken(() => renderText(name.text, name.at, scope), name.text);
}

/** Keeps handlers for the next flush, in front of which they run once however often they were notified. */
export function notify(handlers: ReadonlyMap<TaskEntry, string>, { run, state }: HostContext): void {
  if (handlers.size === 0) return;
  for (const [handler, name] of handlers) state.notified.set(handler, name);
  run.options.emit({ type: 'handlersNotified', host: state.host, handlers: [...handlers.values()] });
}

/** Takes over what an earlier run left to do, as far as it belongs to this play. */
export function inheritHandlers(context: HostContext): void {
  const { run, state } = context;
  if (state.inherited.size === 0) return;
  for (const handler of run.sources.play.handlers) {
    const name = handlerName(handler, context);
    if (state.inherited.delete(name)) state.notified.set(handler, name);
  }
}
