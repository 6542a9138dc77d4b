import type { BlockEntry, Entry } from '../playbook/play.ts';
import { runEntries } from './entries.ts';
import { HostStop } from './failure.ts';
import type { HostContext } from './play-run.ts';
import { type Layer, valueLayer } from './scope.ts';

/**
 * Runs a block. A failure of a task is rescued where there is a rescue. `always` comes last, also when the host failed or
 * another one's failure ends the play; not for a host that is lost, nor when the playbook or the user ended it.
 */
export async function runBlock({ block, rescue, always }: BlockEntry, context: HostContext): Promise<void> {
  const part = (entries: readonly Entry[], number: number, more: Partial<HostContext> = {}) =>
    runEntries(entries, { ...context, rest: behind, ...more, place: [...context.place, number] });
  const { near, rest } = context;
  const behind = { entries: always, from: 0, place: [...context.place, 2], near, next: rest };

  const mainPart = async () => {
    try {
      await part(block, 0);
    } catch (thrown) {
      if (!(thrown instanceof HostStop) || thrown.why !== 'failed' || rescue.length === 0) throw thrown;
      noteRescue(thrown, context);
      await part(rescue, 1, { near: [rescueLayer(thrown), ...context.near] });
    }
  };
  let stop: HostStop | undefined;
  try {
    await mainPart();
  } catch (thrown) {
    if (!(thrown instanceof HostStop) || (thrown.why !== 'failed' && thrown.why !== 'stopped')) throw thrown;
    stop = thrown;
  }
  await part(always, 2, { isCleanup: true, rest: stop ? undefined : rest });
  if (stop) throw stop;
}

function noteRescue({ details }: HostStop, { state }: HostContext): void {
  if (details.isCounted) state.tally.failed -= 1;
  state.tally.rescued += 1;
  if (details.handler) state.notified.delete(details.handler);
}

function rescueLayer({ details }: HostStop): Layer {
  return valueLayer({
    ansible_failed_task: { name: details.task?.name.text ?? '', action: details.task?.module ?? '' },
    ansible_failed_result: details.registered ?? { msg: details.failure?.message ?? '' },
  });
}
