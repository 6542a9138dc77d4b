import type { HypervisorDriver } from '../contract/hypervisor.ts';
import type { MeasureMigration, MigrationRequest } from '../contract/migration.ts';
import type { ActionHost } from '../contract/module.ts';
import type { Trial } from '../contract/trial.ts';
import { BenchError, InterruptedError, messageOf } from '../core/errors.ts';
import { readClock } from './clock-reading.ts';
import type { ClockReading } from './clocks.ts';
import { type Evidence, evaluateTrial } from './evaluate.ts';
import { type HeldHost, holdHost, locateGuest } from './locate.ts';
import { type MigrationRun, runMigration } from './migration-run.ts';
import { describePlacement, type Placement } from './placement.ts';
import { assertCanMigrate, migrateOptionsOf } from './preflight.ts';
import { renderSamples } from './samples.ts';
import { startWatch, type Watch } from './watch.ts';

export interface MeasurerOptions {
  readonly drivers: Partial<Readonly<Record<MigrationRequest['hypervisor'], HypervisorDriver>>>;
  /** A name for a trial that no other one has. */
  newId(): string;
  /** Keeps the raw samples under the name that the trial has for them. */
  saveSamples(name: string, content: string): Promise<void>;
}

/** Beside the migration's own limit, what the observer may need before it and after it. */
const AROUND_MS = 120_000;
/** How long the hosts may take to say where the guest is, after the user has asked to stop. */
const LAST_WORD_MS = 30_000;

/**
 * Gives the function that runs one migration and measures it. It throws only when nothing was moved (`PreconditionError`)
 * or when the user interrupted it (`InterruptedError`, whose message says where the guest is); everything else that can
 * happen to a migration is a verdict.
 */
export function createMeasurer(options: MeasurerOptions): MeasureMigration {
  return async (request, hosts, signal) => {
    const driver = options.drivers[request.hypervisor];
    if (!driver) throw new BenchError('E_NO_DRIVER', `bench cannot migrate guests of ${request.hypervisor} yet`);
    const source = hosts(request.source);
    const destination = hosts(request.destination);
    const observer = hosts(request.observer);
    await assertCanMigrate(request, driver, { source, destination }, signal);

    const watch = await startWatch(
      observer,
      {
        guest: request.guest,
        address: request.guestAddress,
        heartbeatPort: request.heartbeatPort,
        spacingMs: request.spacingMs,
        limitMs: request.limitMs + AROUND_MS,
      },
      signal,
    );
    try {
      const ends = [await holdHost(source), await holdHost(destination)] as const;
      return await measure({ request, driver, source, observer, watch, ends }, options, signal);
    } finally {
      await watch.stop();
    }
  };
}

interface RunningTrial {
  readonly request: MigrationRequest;
  readonly driver: HypervisorDriver;
  readonly source: ActionHost;
  readonly observer: ActionHost;
  readonly watch: Watch;
  readonly ends: readonly [source: HeldHost, destination: HeldHost];
}

async function measure(trial: RunningTrial, options: MeasurerOptions, signal: AbortSignal): Promise<Trial> {
  const { request, driver, source, observer, watch, ends } = trial;
  const clocks = { source: [] as ClockReading[], observer: [] as ClockReading[] };
  const readClocks = async () => {
    const readings = await Promise.all([readClock(source, signal), readClock(observer, signal)]);
    if (readings[0]) clocks.source.push(readings[0]);
    if (readings[1]) clocks.observer.push(readings[1]);
  };
  await readClocks();
  await readClocks();

  const startedAt = new Date(source.clock.now()).toISOString();
  const limits = { spacingMs: request.spacingMs, limitMs: request.limitMs };
  const run = await runMigration(source, driver.migrateArgv(migrateOptionsOf(request)), limits, signal);
  if (signal.aborted) throw await interrupted(trial);

  await readClocks();
  const placement = await locateGuest(request.guest, driver, ends, signal);
  const isSomewhere = placement.present.some(({ state }) => state.run === 'running') || placement.silent.length > 0;
  const observation = await watch.finish(isSomewhere ? 'settled' : 'now', signal);
  if (signal.aborted) throw await interrupted(trial);
  return conclude(
    {
      id: options.newId(),
      startedAt,
      request,
      ...streamOf(run),
      observation,
      placement,
      sourceClock: clocks.source,
      observerClock: clocks.observer,
    },
    driver,
    options,
  );
}

function streamOf({ stream, broken }: MigrationRun): Pick<Evidence, 'stream' | 'broken'> {
  return { stream, broken };
}

async function conclude(
  evidence: Evidence,
  driver: HypervisorDriver,
  { saveSamples }: MeasurerOptions,
): Promise<Trial> {
  const trial = evaluateTrial(evidence, driver);
  await saveSamples(trial.samples, renderSamples(trial, evidence));
  return trial;
}

/** The user has asked to stop; the hosts are still asked where the guest is, on a signal of their own. */
async function interrupted({ request, driver, source, ends }: RunningTrial): Promise<InterruptedError> {
  const asking = new AbortController();
  const limit = source.clock.sleep(LAST_WORD_MS, asking.signal).then(
    () => asking.abort(),
    () => {},
  );
  const where = await locateGuest(request.guest, driver, ends, asking.signal).then(
    (placement: Placement) => describePlacement(placement),
    (thrown: unknown) => `the hosts could not be asked where ${request.guest} is: ${messageOf(thrown)}`,
  );
  asking.abort();
  await limit;
  return new InterruptedError(`migration of ${request.guest} interrupted: ${where}`);
}
