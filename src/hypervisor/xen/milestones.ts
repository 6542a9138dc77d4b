import type { Milestone } from '../../contract/hypervisor.ts';

/**
 * What `xl -vvv migrate` writes, in the order in which it comes (Xen 4.17 to 4.21). Both ends write into one stream, lines
 * of the two break into each other, so texts are looked for anywhere. The spelling of `running` is xl's own.
 */
export const XEN_MILESTONES: readonly Milestone[] = [
  { name: 'ready', text: 'migration target: Ready to receive domain.', writer: 'destination' },
  { name: 'sending', text: 'Saving to migration stream', writer: 'source' },
  { name: 'copying', text: 'xc: info: Saving domain', writer: 'source' },
  { name: 'suspendRequested', text: 'suspend request via', writer: 'source' },
  { name: 'suspending', text: 'wait for the guest to suspend', writer: 'source' },
  { name: 'suspended', text: 'guest has suspended', writer: 'source' },
  { name: 'transferred', text: 'migration target: Transfer complete', writer: 'destination' },
  { name: 'acknowledged', text: 'migration sender: Target has acknowledged transfer.', writer: 'source' },
  { name: 'permitted', text: 'migration sender: Giving target permission to start.', writer: 'source' },
  { name: 'starting', text: 'migration target: Got permission, starting domain.', writer: 'destination' },
  { name: 'running', text: 'migration target: Domain started successsfully.', writer: 'destination' },
  { name: 'reported', text: 'migration sender: Target reports successful startup.', writer: 'source' },
  { name: 'completed', text: 'Migration successful.', writer: 'source' },
];
