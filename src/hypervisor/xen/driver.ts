import type { HypervisorDriver } from '../../contract/hypervisor.ts';
import { ask, volatile } from '../../contract/probe.ts';
import { migrateArgv } from './argv.ts';
import { readMigrationFailure } from './failure.ts';
import { readGuestList } from './guest-list.ts';
import { XEN_MILESTONES } from './milestones.ts';
import { preflightProbes, readPreflight, readTransport, transportProbe } from './preflight.ts';

/** Xen by its `xl` toolstack, 4.17 and later. */
export const xen: HypervisorDriver = {
  name: 'xen',
  listProbe: volatile(ask('xl', 'list')),
  readGuests: readGuestList,
  migrateArgv,
  milestones: XEN_MILESTONES,
  readFailure: readMigrationFailure,
  transportProbe,
  readTransport,
  preflightProbes,
  readPreflight,
};
