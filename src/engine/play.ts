import { resolve } from 'node:path';
import type { HostName } from '../contract/host.ts';
import { parseYaml } from '../contract/parse-yaml.ts';
import type { YamlNode } from '../contract/yaml-node.ts';
import { DiagnosticError } from '../core/diagnostic.ts';
import { selectHosts } from '../inventory/pattern.ts';
import type { Play } from '../playbook/play.ts';
import { renderText } from '../template/render.ts';
import { runEntries } from './entries.ts';
import { HostStop } from './failure.ts';
import { gatherFacts } from './gather.ts';
import { flushHandlers } from './handlers.ts';
import { createLockstep, freeStep } from './lockstep.ts';
import type { EngineOptions } from './options.ts';
import type { HostContext, PlayRun } from './play-run.ts';
import { createScope, valueLayer } from './scope.ts';
import type { HostState } from './state.ts';
import type { VariableSources } from './variables.ts';

/** What plays of a run share. */
export interface RunShared extends Pick<PlayRun, 'options' | 'gate' | 'ledger' | 'identify' | 'isDue'> {
  readonly states: ReadonlyMap<HostName, HostState>;
}

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

export async function runPlay(play: Play, number: number, shared: RunShared): Promise<void> {
  const { options } = shared;
  const begin = options.clock.monotonicMs();
  const hosts = hostsOf(play, options);
  options.emit({ type: 'playStarted', play: number, name: play.name, hosts, at: play.at });
  for (const batch of batchesOf(hosts, play.serial)) {
    const isStopped = await runBatch(play, batch, hosts, shared);
    if (isStopped) break;
  }
  options.emit({ type: 'playFinished', play: number, elapsedMs: options.clock.monotonicMs() - begin });
}

/** Runs a play on one batch of hosts. True when the later batches must not begin. */
async function runBatch(
  play: Play,
  batch: readonly HostName[],
  playHosts: readonly HostName[],
  shared: RunShared,
): Promise<boolean> {
  const { options, states } = shared;
  const active = batch.flatMap((host) => states.get(host) ?? []).filter((state) => state.end === undefined);
  if (active.length === 0) return batch.length > 0 && playHosts.every((host) => states.get(host)?.end !== undefined);
  const sources: VariableSources = { options, states, play, playHosts, varsFiles: readVarsFiles(play, options) };
  const run: PlayRun = {
    ...shared,
    sources,
    lockstep: play.strategy === 'linear' ? createLockstep(active.map(({ host }) => host)) : freeStep,
    shared: new Map(),
    stopReason: undefined,
    hostFailed(state, isFatal) {
      const failed = batch.filter((host) => states.get(host)?.end !== undefined).length;
      const share = (failed / batch.length) * 100;
      if (isFatal) run.stopReason = `a failure on ${state.host} is fatal for all hosts`;
      else if (play.maxFailPercentage !== undefined && share > play.maxFailPercentage) {
        run.stopReason = `${failed} of ${batch.length} hosts failed, more than max_fail_percentage allows`;
      }
    },
  };
  const ends = await Promise.allSettled(active.map((state) => runHost({ run, state, near: [], place: [] })));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  if (run.stopReason !== undefined)
    options.emit({ type: 'warning', message: `play stopped: ${run.stopReason}`, at: play.at });
  return run.stopReason !== undefined || active.every((state) => state.end !== undefined);
}

/** Takes one host through a play. Its failure ends its own way only, unless the play says otherwise. */
async function runHost(context: HostContext): Promise<void> {
  const { run, state } = context;
  const { play } = run.sources;
  try {
    if (play.gatherFacts) await gatherFacts(context);
    for (const [index, section] of [play.sections.pre_tasks, play.sections.tasks, play.sections.post_tasks].entries()) {
      await runEntries(section, { ...context, place: [index, 0] });
      await flushHandlers({ ...context, place: [index, 1] });
    }
  } catch (thrown) {
    if (!(thrown instanceof HostStop)) throw thrown;
    if (thrown.why !== 'ended') {
      state.end = thrown.why;
      run.hostFailed(state, thrown.details.isFatal === true);
    }
  } finally {
    run.lockstep.leave(state.host);
  }
}

function readVarsFiles(play: Play, options: EngineOptions): readonly YamlNode[] {
  return play.varsFiles.map(({ text, at }) => {
    const path = resolve(play.directory, renderText(text, at, createScope([valueLayer(options.extraVars)])));
    const { node, diagnostics } = parseYaml(options.files.readText(path), path);
    if (diagnostics.length > 0) throw new DiagnosticError(diagnostics);
    return node ?? { kind: 'mapping', entries: [], at };
  });
}
