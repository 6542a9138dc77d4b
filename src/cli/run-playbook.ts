import { randomUUID } from 'node:crypto';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import { join, relative, resolve } from 'node:path';
import type { Emit, RunEvent, RunResult } from '../contract/event.ts';
import { DiagnosticError } from '../core/diagnostic.ts';
import { sha256 } from '../core/digest.ts';
import { parseDurationMs } from '../core/duration.ts';
import { InterruptedError, messageOf } from '../core/errors.ts';
import type { EngineOptions } from '../engine/options.ts';
import { runPlaybook } from '../engine/run.ts';
import { factsReader } from '../facts/facts.ts';
import { xen } from '../hypervisor/xen/driver.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { createMeasurer } from '../measure/trial.ts';
import { createJUnit } from '../output/junit.ts';
import { findResumable, resumePoint } from '../store/resume.ts';
import type { Digests, RunStart, RunWriter } from '../store/run-store.ts';
import { askSecret, askToRun } from './ask.ts';
import { checkSelection } from './check-selection.ts';
import { readPlaybook } from './checked-playbook.ts';
import { systemClock } from './clock.ts';
import { type ConsumerRequest, createConsumer, formOf } from './consumer.ts';
import { createController } from './controller.ts';
import { EXIT, exitCodeOf } from './exit-code.ts';
import { readExtraVars } from './extra-vars.ts';
import { diskFiles, ownDirectory } from './files.ts';
import { chooseHosts } from './hosts.ts';
import { interruptSignal } from './interrupt.ts';
import { readInventory } from './inventory-file.ts';
import { keepEvents } from './keep-events.ts';
import { renderListing } from './list-tasks.ts';
import { lockRuns } from './lock.ts';
import { moduleTable } from './module-table.ts';
import type { RunFlags } from './program.ts';
import { openStore } from './show-runs.ts';
import { version } from './version.ts';
import { write } from './write.ts';

export interface RunRequest {
  readonly title: string;
  readonly playbook: string;
  readonly inventory: string;
  readonly flags: RunFlags;
  /** Groups without which the playbook has nothing to work on. */
  readonly groups?: readonly string[];
}

/** Most hosts that work at the same time where nothing else is said: each costs a file descriptor and a handshake. */
const MOST_FORKS = 100;

/** Checks everything, runs it, shows it, stores it. Gives the exit code. */
export async function runPlaybookFile(request: RunRequest): Promise<number> {
  const { flags } = request;
  const inventory = readInventory(request.inventory);
  assertGroups(inventory, request.groups ?? []);
  const extraVars = readExtraVars(flags.extraVars ?? []);
  const playbook = readPlaybook(request.playbook, inventory, extraVars);
  const limit = flags.limit === undefined ? undefined : new Set(chooseHosts(inventory, flags.limit));
  const controller = createController(inventory, extraVars, {
    ...(flags.askPass && { ssh: await askSecret('ssh password') }),
    ...(flags.askBecomePass && { become: await askSecret('sudo password') }),
  });
  const store = openStore(controller.masker);
  const digests = digestsOf(playbook.sources);
  const chain = flags.resume ? findResumable(store, request.playbook, request.inventory) : undefined;
  const lost = new AbortController();
  const signal = AbortSignal.any([limitedSignal(flags), lost.signal]);

  const engineOptions = (emit: Emit, writer: RunWriter | undefined): EngineOptions => ({
    playbook,
    inventory,
    modules: moduleTable,
    factsReader,
    connect: controller.connect,
    privilegeOf: controller.privilegeOf,
    measureMigration: async (trial, hosts, trialSignal) => {
      const measure = createMeasurer({
        drivers: { xen },
        newId: randomUUID,
        saveSamples: async (name, content) => void writer?.samples(name, content),
      });
      const measured = await measure(trial, hosts, trialSignal);
      emit({ type: 'trialFinished', trial: measured });
      return measured;
    },
    files: diskFiles(),
    emit,
    clock: systemClock,
    signal,
    mode: flags.check ? 'check' : 'apply',
    limit,
    tags: flags.tags ?? [],
    skipTags: flags.skipTags ?? [],
    extraVars,
    pace: flags.oneByOne ? 'oneByOne' : 'ahead',
    forks: flags.forks ?? Math.min(MOST_FORKS, inventory.hosts.size),
    startAtTask: flags.startAtTask,
    confirm: flags.step ? askToRun : undefined,
    resume: chain && resumePoint(chain, digests),
    runVariables: { version, run: writer?.record.id ?? '' },
    random: Math.random,
  });

  const unheard = engineOptions(() => undefined, undefined);
  const hosts = checkSelection(unheard, flags);
  if (flags.listHosts || flags.listTasks || flags.listTags) {
    write(renderListing(unheard, flags));
    return EXIT.done;
  }
  await controller.assertKeys(hosts);
  if (flags.junit !== undefined) assertWritable(flags.junit);
  const lock = lockRuns();
  try {
    const writer = store.create(startOf(request, inventory, digests, chain?.at(-1)?.record.id));
    try {
      const kept = keepEvents(writer, lost);
      const shown = { store, writer: kept, signal, masker: controller.masker };
      const result = await runAndShow(request, shown, (emit) =>
        runPlaybook(engineOptions((event) => emit(controller.masker.maskAll(event)), kept)),
      );
      kept.assertKept();
      return exitCodeOf(result);
    } finally {
      writer.close();
    }
  } finally {
    lock.release();
    await controller.close();
  }
}

async function runAndShow(
  request: RunRequest,
  shown: Omit<ConsumerRequest, 'title' | 'flags'>,
  run: (emit: Emit) => Promise<RunResult>,
): Promise<RunResult> {
  const { flags, title } = request;
  const consumer = createConsumer({ title, flags, ...shown });
  const junit = flags.junit === undefined ? undefined : createJUnit(title);
  const emit = (event: RunEvent) => {
    shown.writer.event(event);
    junit?.event(event);
    consumer.event(event);
  };
  try {
    return await run(emit);
  } finally {
    await consumer.end();
    if (junit && flags.junit !== undefined) writeFileSync(flags.junit, junit.xml());
  }
}

function limitedSignal({ timeout: text, ...flags }: RunFlags): AbortSignal {
  const interrupt = interruptSignal(formOf(flags) === 'view' ? 'shown' : 'told');
  if (text === undefined) return interrupt;
  const limitMs = parseDurationMs(text);
  if (limitMs === undefined) {
    const hint = '--timeout 30m';
    throw new DiagnosticError([{ code: 'E_WRONG_VALUE', message: `--timeout: "${text}" is no time`, hint }]);
  }
  const limit = new AbortController();
  const timer = setTimeout(
    () => limit.abort(new InterruptedError(`the run took longer than its limit of ${text}`)),
    limitMs,
  );
  timer.unref();
  return AbortSignal.any([interrupt, limit.signal]);
}

/** One mistake for an inventory that is no laboratory, instead of one for every task that misses a group of it. */
function assertGroups({ file, groups }: Inventory, needed: readonly string[]): void {
  const missing = needed.filter((name) => !groups.has(name));
  if (missing.length === 0) return;
  const message = `${file} describes no laboratory: there is no group ${missing.join(' and no group ')}`;
  const hint = `see how one is written: ${relative('.', join(ownDirectory, 'inventory/lab.ini'))}`;
  throw new DiagnosticError([{ code: 'E_NO_LAB', message, hint }]);
}

/** Before the run, not after it. */
function assertWritable(path: string): void {
  try {
    closeSync(openSync(path, 'a'));
  } catch (cause) {
    const message = `--junit: cannot write ${path}: ${messageOf(cause)}`;
    throw new DiagnosticError([{ code: 'E_JUNIT', message, hint: 'name a file in a folder that there is' }]);
  }
}

function digestsOf(sources: ReadonlyMap<string, string>): Digests {
  return Object.fromEntries([...sources].map(([file, text]) => [file, sha256(text)]));
}

function startOf(
  { playbook: file, inventory: inventoryFile, flags }: RunRequest,
  inventory: Inventory,
  digests: Digests,
  resumedFrom: RunStart['resumedFrom'],
): RunStart {
  return {
    command: ['bench', ...process.argv.slice(2)],
    by: `${userInfo().username}@${hostname()}`,
    directory: resolve('.'),
    mode: flags.check ? 'check' : 'apply',
    inventory: { file: inventoryFile, digests: digestsOf(inventory.sources) },
    playbook: { file, digests },
    versions: { bench: version, node: process.versions.node },
    ...(resumedFrom && { resumedFrom }),
  };
}
