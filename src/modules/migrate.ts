import { type ActionHost, ask, defineAction, volatile } from '../contract/module.ts';
import type { Trial } from '../contract/trial.ts';
import { MissedMarkError, PreconditionError } from '../core/errors.ts';
import { readGuestList } from '../hypervisor/xen/guest-list.ts';
import { migrateParams, requestOf } from './parts/migration-request.ts';
import { mediansOf, remarksOf, trialLine } from './parts/trial-lines.ts';
import { toMs } from './parts/wait.ts';

export const migrate = defineAction({
  name: 'migrate',
  summary: 'Migrate a guest live between the host of the task and another one, and measure it.',
  params: migrateParams,
  example: '{ guest: g1, to: xen2, observer: stor1, kind: smoke, there_and_back: true }',
  notes:
    'Every figure is an interval: total_ms, pause_ms, network_ms, guest_ms. A trial whose figures are missing or impossible, or after which the guest is not on exactly one host, fails the task with exit code 4. What a failed migration leaves behind is reported and never destroyed.',

  describe: ({ guest, to, repetitions, there_and_back }) =>
    `migrate ${guest} to ${to}${there_and_back ? ' and back' : ''}${repetitions > 1 ? `, ${repetitions} times` : ''}`,
  async perform(host, task, signal) {
    const pair = { here: host, there: host.other(task.to) };
    const begin = await whereIs(task.guest, pair, signal);
    let at = begin;
    const trials: Trial[] = [];
    const count = task.repetitions * (task.there_and_back ? 2 : 1);
    for (let number = 1; number <= count; number += 1) {
      const [from, to] = at === 'here' ? [pair.here, pair.there] : [pair.there, pair.here];
      if (number > 1) await host.clock.sleep(toMs(task.rest), signal);
      host.report(`trial ${number} of ${count}: ${task.guest} from ${from.name} to ${to.name}`);
      const request = await requestOf(task, from, to, signal);
      const trial = await host.measureMigration(
        request,
        (name) => (name === host.name ? host : host.other(name)),
        signal,
      );
      trials.push(trial);
      host.report(trialLine(trial));
      if (trial.verdict.kind === 'migrationFailed' || trial.verdict.kind === 'guestLost') break;
      at = at === 'here' ? 'there' : 'here';
    }
    assertCaptured(trials);
    return {
      changed: at !== begin,
      notes: trials.flatMap(remarksOf),
      data: { trials, medians: mediansOf(trials), guest_on: at === 'here' ? pair.here.name : pair.there.name },
    };
  },
});

/** On which of the two hosts the guest runs; it must be on exactly one. */
async function whereIs(
  guest: string,
  { here, there }: { here: ActionHost; there: ActionHost },
  signal: AbortSignal,
): Promise<'here' | 'there'> {
  const list = volatile(ask('xl', 'list'));
  const [[own], [other]] = await Promise.all([here.ask([list], signal), there.ask([list], signal)]);
  const lists = [readGuestList(own), readGuestList(other)] as const;
  const [isHere, isThere] = lists.map((list) => list.some(({ name }) => name === guest));
  if (isHere && isThere) {
    throw new PreconditionError(
      `${guest} is on ${here.name} and on ${there.name} at once`,
      'xl list on both: at most one of them may go on',
    );
  }
  if (isHere) return 'here';
  if (isThere) return 'there';
  const left = lists.flat().find(({ leftover }) => leftover?.of === guest);
  throw new PreconditionError(
    `${guest} is neither on ${here.name} nor on ${there.name}${left ? `; ${left.name} is left over from a migration` : ''}`,
    left
      ? `xl list on both hosts; one of the halves may be renamed to ${guest} and unpaused, the other destroyed`
      : 'start it with the task guest',
  );
}

function assertCaptured(trials: readonly Trial[]): void {
  const bad = trials.filter(({ verdict }) => verdict.kind !== 'captured');
  if (bad.length > 0)
    throw new MissedMarkError(bad.flatMap((trial) => [trialLine(trial), ...remarksOf(trial)]).join('\n'));
}
