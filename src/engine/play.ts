import type { HostName } from '../contract/host.ts';
import { DiagnosticError } from '../core/diagnostic.ts';
import { InterruptedError, MISSED_MARK } from '../core/errors.ts';
import { selectHosts } from '../inventory/pattern.ts';
import type { Entry, Play } from '../playbook/play.ts';
import { entriesOf } from '../playbook/walk.ts';
import { renderText } from '../template/render.ts';
import { createAhead } from './ahead.ts';
import { runEntries } from './entries.ts';
import { HostStop } from './failure.ts';
import { gatherFacts, readVarsFiles } from './gather.ts';
import { flushHandlers } from './handlers.ts';
import { createLockstep, freeStep } from './lockstep.ts';
import { inheritHandlers } from './notify.ts';
import type { EngineOptions } from './options.ts';
import type { HostContext, PlayRun, PlayStop, RunShared } from './play-run.ts';
import { createScope, valueLayer } from './scope.ts';

/** Hosts that a play's pattern names, within the run's limit, in the play's order. */
export function hostsOf(play: Play, options: EngineOptions): readonly HostName[] {
  const pattern = renderText(play.hosts.text, play.hosts.at, createScope([valueLayer(options.extraVars)]));
  const { hosts, diagnostics } = selectHosts(options.inventory, pattern, play.hosts.at);
  if (diagnostics.length > 0) throw new DiagnosticError(diagnostics);
  const chosen = hosts.filter((host) => !options.limit || options.limit.has(host));
  switch (play.order) {
    case 'inventory':
      return chosen;
    case 'reverse_inventory':
      return chosen.toReversed();
    case 'sorted':
      return chosen.toSorted();
    case 'reverse_sorted':
      return chosen.toSorted().reverse();
    case 'shuffle':
      return chosen
        .map((host) => ({ host, key: options.random() }))
        .sort((a, b) => a.key - b.key)
        .map(({ host }) => host);
  }
}

/** Batches by `serial`; its last size repeats. */
export function batchesOf(hosts: readonly HostName[], serial: Play['serial']): readonly (readonly HostName[])[] {
  if (serial.length === 0) return [hosts];
  const batches: HostName[][] = [];
  let begin = 0;
  for (let index = 0; begin < hosts.length; index += 1) {
    const size = serial[Math.min(index, serial.length - 1)] ?? hosts.length;
    const isShare = typeof size === 'string' && size.endsWith('%');
    const count = isShare ? Math.floor((hosts.length * Number.parseFloat(size)) / 100) : Number(size);
    const end = begin + Math.max(1, count);
    batches.push(hosts.slice(begin, end));
    begin = end;
  }
  return batches;
}

/** Whether the run's later plays may begin. */
export type PlayEnd = 'goOn' | 'endRun';

/**
 * Runs a play, batch after batch, on the hosts that are still in the run. As with Ansible the whole run ends where a
 * failure is fatal for all, and where no host of a batch is left.
 */
export async function runPlay(play: Play, number: number, shared: RunShared): Promise<PlayEnd> {
  const { options, states } = shared;
  const begin = options.clock.monotonicMs();
  const hosts = hostsOf(play, options).filter((host) => states.get(host)?.end === undefined);
  options.emit({ type: 'playStarted', play: number, name: play.name, hosts, at: play.at });
  // What is foretold of one host may be what another one needs: after a play all know that something was.
  const isForetold = [...states.values()].some(({ foresight }) => foresight.isAny);
  for (const { foresight } of states.values()) foresight.isAny = isForetold;
  let end: PlayEnd = 'goOn';
  const batches = batchesOf(hosts, play.serial);
  for (const [index, batch] of batches.entries()) {
    const stop = await runBatch(play, batch, hosts, shared);
    if (!stop) continue;
    if (stop.kind !== 'endPlay') end = 'endRun';
    const isLast = index === batches.length - 1 && number === options.playbook.plays.length;
    if (stop.kind === 'failure' || (stop.kind === 'nobodyLeft' && !isLast)) {
      options.emit({ type: 'warning', message: `the run ends here: ${stop.reason}`, at: play.at });
    }
    break;
  }
  options.emit({ type: 'playFinished', play: number, elapsedMs: options.clock.monotonicMs() - begin });
  return end;
}

/** Runs a play on one batch of hosts. Gives why the later batches must not begin, if so. */
async function runBatch(
  play: Play,
  batch: readonly HostName[],
  playHosts: readonly HostName[],
  shared: RunShared,
): Promise<PlayStop | undefined> {
  const { options, states } = shared;
  const active = batch.flatMap((host) => states.get(host) ?? []);
  const run: PlayRun = {
    ...shared,
    sources: { options, states, play, playHosts, varsFiles: new Map() },
    lockstep: play.strategy === 'linear' ? createLockstep(batch) : freeStep,
    once: new Map(),
    stop: undefined,
    hostFailed(state, isFatal) {
      const failed = active.filter(({ end }) => end !== undefined).length;
      const share = (failed / active.length) * 100;
      if (isFatal) run.stop ??= { kind: 'failure', reason: `a failure on ${state.host} is fatal for all hosts` };
      else if (play.maxFailPercentage !== undefined && share > play.maxFailPercentage) {
        const reason = `${failed} of ${active.length} hosts failed, more than max_fail_percentage allows`;
        run.stop ??= { kind: 'failure', reason };
      }
    },
  };
  const start = { run, near: [], place: [], rest: undefined, isCleanup: false };
  const mayGoAhead = isFreeToGoAhead(play, options);
  const ends = await Promise.allSettled(
    active.map((state) => runHost({ ...start, state, ahead: mayGoAhead ? createAhead() : undefined })),
  );
  const thrown = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason] : []));
  if (thrown.length > 0) throw thrown.find((error) => !(error instanceof InterruptedError)) ?? thrown[0];
  if (active.length > 0 && active.every(({ end }) => end !== undefined)) {
    run.stop ??= { kind: 'nobodyLeft', reason: 'no host of the play is left' };
  }
  return run.stop;
}

/** Whether the tasks of a host may be sent before their turn: nothing but their own host's way decides whether they are done. */
function isFreeToGoAhead(play: Play, { pace, confirm, resume }: EngineOptions): boolean {
  const mayEnd = entriesOf(play).some((entry) => tasksEnd(entry));
  return (
    pace === 'ahead' &&
    play.strategy === 'free' &&
    !play.anyErrorsFatal &&
    play.maxFailPercentage === undefined &&
    !mayEnd &&
    confirm === undefined &&
    resume === undefined
  );
}

function tasksEnd(entry: Entry): boolean {
  if (entry.kind === 'meta') return entry.action === 'end_play';
  if (entry.kind === 'include') return entry.entries === undefined || entry.entries.some(tasksEnd);
  return entry.kind === 'block' && [...entry.block, ...entry.rescue, ...entry.always].some(tasksEnd);
}

/** Takes one host through a play. Its failure ends its own way only, unless the play says otherwise. */
async function runHost(context: HostContext): Promise<void> {
  const { run, state } = context;
  const { play } = run.sources;
  try {
    inheritHandlers(context);
    const sections = [play.sections.pre_tasks, play.sections.tasks, play.sections.post_tasks];
    const begin = Math.max(
      0,
      sections.findIndex((section) => section.length > 0),
    );
    const rest = { entries: sections[begin] ?? [], from: 0, place: [begin, 0], near: [], next: undefined };
    if (play.gatherFacts) await gatherFacts({ ...context, rest });
    await readVarsFiles(context);
    for (const [index, section] of sections.entries()) {
      await runEntries(section, { ...context, place: [index, 0] });
      await flushHandlers({ ...context, place: [index, 1] });
    }
    state.notified.clear();
  } catch (thrown) {
    if (!(thrown instanceof HostStop)) {
      run.stop ??= { kind: 'failure', reason: `${state.host} came to an end that nobody expected` };
      throw thrown;
    }
    stopHost(thrown, context);
  } finally {
    const untold = context.ahead?.untold([]) ?? [];
    if (untold.length > 0) {
      const message = `${state.host}: done ahead, and their turn never came: ${untold.join(', ')}`;
      run.options.emit({ type: 'warning', message });
    }
    run.lockstep.leave(state.host);
  }
}

function stopHost({ why, details }: HostStop, { run, state }: HostContext): void {
  switch (why) {
    case 'ended':
      state.notified.clear();
      return;
    case 'stopped':
      return;
    case 'failed':
    case 'unreachable':
      state.end = why;
      state.hasMissedMark = details.failure?.code === MISSED_MARK;
      run.hostFailed(state, details.isFatal === true);
  }
}
