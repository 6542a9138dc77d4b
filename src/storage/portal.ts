import { PreconditionError } from '../core/errors.ts';
import type { Iqn } from './iqn.ts';

/** Where a target listens, or where an initiator finds it. */
export interface Portal {
  readonly address: string;
  readonly port: number;
}

export const DEFAULT_PORT = 3260;

/** The portal that targetcli makes by itself with a target: all addresses. It cannot stand beside a specific one. */
export const WILDCARD: Portal = { address: '0.0.0.0', port: DEFAULT_PORT };

/** Udev writes higher numbers in another form. */
const HIGHEST_LUN = 255;

export function showPortal({ address, port }: Portal): string {
  return `${address}:${port}`;
}

export function isSamePortal(one: Portal, other: Portal): boolean {
  return one.address === other.address && one.port === other.port;
}

/** `10.0.0.1` or `10.0.0.1:3260`. Throws `PreconditionError` on anything else. */
export function parsePortal(text: string): Portal {
  const [, address, port = String(DEFAULT_PORT)] = /^(\d+\.\d+\.\d+\.\d+)(?::(\d+))?$/.exec(text) ?? [];
  const isAddress = address?.split('.').every((part) => Number(part) <= 255);
  if (address === undefined || !isAddress || Number(port) < 1 || Number(port) > 65_535) {
    throw new PreconditionError(`"${text}" is no portal`, 'write an IPv4 address, with :PORT where it is not 3260');
  }
  return { address, port: Number(port) };
}

/** The name that udev gives to a LUN's disk: the same on every host, whatever else is plugged in. */
export function byPathName(portal: Portal, target: Iqn, lun: number): string {
  if (!Number.isInteger(lun) || lun < 0 || lun > HIGHEST_LUN) {
    throw new PreconditionError(`LUN ${lun} is out of range`, `use 0 to ${HIGHEST_LUN}`);
  }
  return `/dev/disk/by-path/ip-${showPortal(portal)}-iscsi-${target}-lun-${lun}`;
}
