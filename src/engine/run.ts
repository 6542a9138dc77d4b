import type { RunResult } from '../contract/event.ts';
import type { HostName } from '../contract/host.ts';
import { InterruptedError } from '../core/errors.ts';
import { createCatalogue } from './catalogue.ts';
import { createConnecting } from './connecting.ts';
import { createGate } from './forks.ts';
import { createLedger } from './ledger.ts';
import type { EngineOptions } from './options.ts';
import { hostsOf, runPlay } from './play.ts';
import type { RunShared } from './play-run.ts';
import { countSelected, createSelection } from './selection.ts';
import { type HostState, newHostState } from './state.ts';
import { createTaskFiles } from './task-files.ts';
import { createVariableFiles } from './variable-files.ts';

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
    for (const handler of handlers) states.get(host)?.inherited.add(handler);
  }
  const catalogue = createCatalogue(playbook, options.startAtTask);
  const ledger = createLedger(clock);
  const shared: RunShared = {
    options,
    states,
    gate: createGate(options.forks),
    ledger,
    connect: createConnecting(options, ledger),
    catalogue,
    selection: createSelection(options, catalogue),
    taskFiles: createTaskFiles(options),
    variableFiles: createVariableFiles(options.files),
  };
  const plays = playbook.plays.map((play) => ({ name: play.name, tasks: countSelected(play, options) }));
  emit({ type: 'runStarted', mode: options.mode, hosts, plays });
  let isInterrupted = false;
  try {
    for (const [index, play] of playbook.plays.entries()) {
      const end = await runPlay(play, index + 1, shared);
      if (signal.aborted) throw new InterruptedError();
      if (end === 'endRun') break;
    }
  } catch (thrown) {
    if (!isInterruption(thrown, signal)) throw thrown;
    isInterrupted = true;
  }
  const result = resultOf(hosts, states, isInterrupted);
  emit({ type: 'runFinished', result, elapsedMs: clock.monotonicMs() - begin, ledger: ledger.totals() });
  return result;
}

/** What gives up on an aborted signal throws bench's own error, the signal's reason, or the platform's AbortError. */
function isInterruption(thrown: unknown, signal: AbortSignal): boolean {
  if (thrown instanceof InterruptedError) return true;
  return signal.aborted && (thrown === signal.reason || (thrown instanceof Error && thrown.name === 'AbortError'));
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
    pendingHandlers: ended.flatMap(({ host, notified, inherited }) =>
      [...inherited, ...notified.values()].map((handler) => `${host}: ${handler}`),
    ),
  };
}
