import type { RunResult, TaskIdentity } from '../contract/event.ts';
import type { HostName } from '../contract/host.ts';
import { InterruptedError } from '../core/errors.ts';
import type { Entry, Playbook, TaskEntry } from '../playbook/play.ts';
import { selectByTags } from '../playbook/tags.ts';
import { createGate } from './forks.ts';
import { createLedger } from './ledger.ts';
import type { EngineOptions } from './options.ts';
import { hostsOf, type RunShared, runPlay } from './play.ts';
import { type HostState, newHostState } from './state.ts';

/**
 * Runs a checked playbook. Emits everything that happens and resolves with what came of it; throws `DiagnosticError` for
 * the user's files, and what is a bug in bench as it is.
 */
export async function runPlaybook(options: EngineOptions): Promise<RunResult> {
  const { playbook, clock, emit, signal } = options;
  const begin = clock.monotonicMs();
  const hosts = [...new Set(playbook.plays.flatMap((play) => hostsOf(play, options)))];
  const states = new Map<HostName, HostState>(
    [...options.inventory.hosts.keys()].map((host) => [host, newHostState(host)]),
  );
  for (const [host, handlers] of options.resume?.pendingHandlers ?? []) {
    for (const handler of handlers) states.get(host)?.notified.add(handler);
  }
  const tasks = numberTasks(playbook);
  const shared: RunShared = {
    options,
    states,
    gate: createGate(options.forks),
    ledger: createLedger(clock),
    identify: (task, role) => identify(task, role, tasks),
    isDue: createSelection(options),
  };
  const plays = playbook.plays.map((play) => ({ name: play.name, tasks: countDue(play.sections, options) }));
  emit({ type: 'runStarted', mode: options.mode, hosts, plays });
  let isInterrupted = false;
  try {
    for (const [index, play] of playbook.plays.entries()) {
      await runPlay(play, index + 1, shared);
      if (signal.aborted) throw new InterruptedError();
    }
  } catch (thrown) {
    if (!(thrown instanceof InterruptedError)) throw thrown;
    isInterrupted = true;
  }
  const result = resultOf(hosts, states, isInterrupted);
  emit({ type: 'runFinished', result, elapsedMs: clock.monotonicMs() - begin, ledger: shared.ledger.totals() });
  return result;
}

function resultOf(
  hosts: readonly HostName[],
  states: ReadonlyMap<HostName, HostState>,
  isInterrupted: boolean,
): RunResult {
  const ended = hosts.flatMap((host) => states.get(host) ?? []);
  const statusOf = (): RunResult['status'] => {
    if (isInterrupted) return 'interrupted';
    if (ended.some((state) => state.hasMissedMark)) return 'missedMark';
    if (ended.some((state) => state.end === 'failed')) return 'failed';
    return ended.some((state) => state.end === 'unreachable') ? 'unreachable' : 'done';
  };
  return {
    status: statusOf(),
    hosts: ended.map(({ host, tally, changes }) => ({ host, tally, changes })),
    undone: ended.flatMap(({ host, current }) => (current === undefined ? [] : [`${host}: ${current}`])),
    pendingHandlers: ended.flatMap(({ host, notified }) => [...notified].map((handler) => `${host}: ${handler}`)),
  };
}

/** Numbers in the order of the files; a task that comes with an include gets the next free one when it is met. */
function numberTasks(playbook: Playbook): Map<TaskEntry, number> {
  const numbers = new Map<TaskEntry, number>();
  const visit = (entry: Entry): void => {
    if (entry.kind === 'task') numbers.set(entry, numbers.size + 1);
    if (entry.kind === 'block') for (const inner of [...entry.block, ...entry.rescue, ...entry.always]) visit(inner);
    if (entry.kind === 'include') for (const inner of entry.entries ?? []) visit(inner);
  };
  for (const { sections, handlers } of playbook.plays) {
    for (const entry of [...sections.pre_tasks, ...sections.tasks, ...sections.post_tasks, ...handlers]) visit(entry);
  }
  return numbers;
}

function identify(task: TaskEntry, role: TaskIdentity['role'], numbers: Map<TaskEntry, number>): TaskIdentity {
  let id = numbers.get(task);
  if (id === undefined) {
    id = numbers.size + 1;
    numbers.set(task, id);
  }
  return { id, name: task.name.text, module: task.module, at: task.at, role };
}

/** Tags, `--start-at-task` and `--step`. A question is asked once for each task, whichever host comes first. */
function createSelection({
  tags,
  skipTags,
  startAtTask,
  confirm,
}: EngineOptions): (task: TaskEntry) => Promise<boolean> {
  const answers = new Map<TaskEntry, Promise<boolean>>();
  let hasStarted = startAtTask === undefined;
  let asksNoMore = confirm === undefined;

  const decide = async (task: TaskEntry): Promise<boolean> => {
    if (!selectByTags(task.attributes.tags, { tags, skipTags })) return false;
    if (task.name.text === startAtTask) hasStarted = true;
    if (!hasStarted) return false;
    if (asksNoMore || !confirm) return true;
    const answer = await confirm(task);
    if (answer === 'runAll') asksNoMore = true;
    return answer !== 'skip';
  };

  let last: Promise<unknown> = Promise.resolve();
  return (task) => {
    const known = answers.get(task);
    if (known) return known;
    const answer = last.then(() => decide(task));
    last = answer;
    answers.set(task, answer);
    return answer;
  };
}

function countDue(sections: Playbook['plays'][number]['sections'], { tags, skipTags }: EngineOptions): number {
  const count = (entry: Entry): number => {
    switch (entry.kind) {
      case 'task':
        return selectByTags(entry.attributes.tags, { tags, skipTags }) ? 1 : 0;
      case 'block':
        return [...entry.block, ...entry.always].reduce((sum, inner) => sum + count(inner), 0);
      case 'include':
        return (entry.entries ?? []).reduce((sum, inner) => sum + count(inner), 0);
      case 'meta':
        return 0;
    }
  };
  return [...sections.pre_tasks, ...sections.tasks, ...sections.post_tasks].reduce(
    (sum, entry) => sum + count(entry),
    0,
  );
}
