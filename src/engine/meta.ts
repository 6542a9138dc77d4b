import type { MetaEntry } from '../playbook/play.ts';
import { evaluateCondition } from '../template/condition.ts';
import { attempt } from './attempt.ts';
import { HostStop } from './failure.ts';
import { flushHandlers } from './handlers.ts';
import type { HostContext } from './play-run.ts';
import { scopeFor } from './variables.ts';

/** What concerns the run itself. */
export async function runMeta(entry: MetaEntry, context: HostContext): Promise<void> {
  const { run, state } = context;
  const { attributes, action } = entry;
  const isWanted = attempt(entry, context, () => {
    const scope = scopeFor(run.sources, state.host, attributes.vars, context.near);
    return attributes.when.every((condition) => evaluateCondition(condition, scope));
  });
  if (!isWanted) return;
  const end = (reason: string) => run.options.emit({ type: 'hostEnded', host: state.host, reason });
  switch (action) {
    case 'flush_handlers':
      return flushHandlers(context);
    case 'end_host':
      end('meta: end_host');
      throw new HostStop('ended');
    case 'end_play':
      if (!run.stop) end('meta: end_play, for all hosts');
      run.stop ??= { kind: 'endPlay', reason: 'meta: end_play' };
      throw new HostStop('ended');
    case 'noop':
      return;
  }
}
