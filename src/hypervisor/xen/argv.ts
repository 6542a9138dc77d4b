import type { MigrateOptions } from '../../contract/hypervisor.ts';

/**
 * xl's own ssh call has no BatchMode: a host key that is not known would make it wait for an answer that nobody gives.
 * Compression would let a guest's empty memory pass below what the line can carry, and make total times incomparable.
 */
export const DEFAULT_TRANSPORT = 'ssh -o BatchMode=yes -o Compression=no -o ConnectTimeout=10';

/** -vvv makes libxl tell when the guest suspends; xl hands it on to the destination. */
export function migrateArgv({ guest, destination, transport }: MigrateOptions): readonly string[] {
  return ['xl', '-vvv', 'migrate', '-s', transport ?? DEFAULT_TRANSPORT, guest, destination];
}
