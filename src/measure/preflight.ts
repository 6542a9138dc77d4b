import type { HypervisorDriver } from '../contract/hypervisor.ts';
import type { MigrationRequest } from '../contract/migration.ts';
import type { ActionHost } from '../contract/module.ts';
import { PreconditionError } from '../core/errors.ts';

export interface PreflightHosts {
  readonly source: ActionHost;
  readonly destination: ActionHost;
}

/**
 * Asks both hosts everything that would make the migration fail later, or succeed with two guests of one name. Throws
 * `PreconditionError` with all reasons at once; nothing was moved then.
 */
export async function assertCanMigrate(
  request: MigrationRequest,
  driver: HypervisorDriver,
  { source, destination }: PreflightHosts,
  signal: AbortSignal,
): Promise<void> {
  const guest = {
    name: request.guest,
    memoryMib: request.guestMemoryMib,
    bridge: request.bridge,
    disks: request.disks,
  };
  const options = migrateOptionsOf(request);
  const [[list, transport], answers] = await Promise.all([
    source.ask([driver.listProbe, driver.transportProbe(options)], signal),
    destination.ask(driver.preflightProbes(guest), signal),
  ]);
  const here = driver.readGuests(list);
  const state = here.find(({ name }) => name === request.guest);
  const unreachable = driver.readTransport(transport, options);
  const reasons = [
    ...(state
      ? []
      : [
          `no guest "${request.guest}" is on ${source.name}: it lists ${here.map(({ name }) => name).join(', ') || 'none'}`,
        ]),
    ...(state && state.run !== 'running' ? [`${request.guest} is ${state.run} on ${source.name}`] : []),
    ...here
      .filter(({ leftover }) => leftover?.of === request.guest)
      .map(({ name }) => `${name} of an earlier migration is left on ${source.name}`),
    ...(unreachable ? [unreachable] : []),
    ...driver.readPreflight(answers, guest).map((reason) => `${destination.name}: ${reason}`),
  ];
  if (reasons.length > 0) {
    throw new PreconditionError(
      `${request.guest} cannot be migrated from ${source.name} to ${destination.name}:\n${reasons.map((reason) => `- ${reason}`).join('\n')}`,
    );
  }
}

export function migrateOptionsOf({ guest, destinationAddress, transport }: MigrationRequest) {
  return { guest, destination: destinationAddress, ...(transport !== undefined && { transport }) };
}
