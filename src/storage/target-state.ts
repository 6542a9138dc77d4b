import { z } from 'zod';
import { askShell, type CommandAnswer, type CommandProbe } from '../contract/probe.ts';
import { BenchError, PreconditionError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import { tailOf } from '../core/text.ts';
import type { Chap } from './chap.ts';
import { type Iqn, seenIqn } from './iqn.ts';
import type { Portal } from './portal.ts';

/** A storage object of the kernel's target. */
export interface Backstore {
  readonly plugin: string;
  readonly name: string;
  /** File or device; a RAM disk has none. */
  readonly path: string | undefined;
  readonly sizeBytes: number;
  /** Serial number of its LUNs, as `lsblk` shows it on the initiators. */
  readonly serial: string;
}

export interface Lun {
  readonly number: number;
  /** `fileio/disk1` */
  readonly backstore: string;
}

export interface MappedLun {
  readonly number: number;
  readonly targetLun: number;
  readonly isReadOnly: boolean;
}

export interface Acl {
  readonly initiator: Iqn;
  readonly chap: Chap | undefined;
  readonly luns: readonly MappedLun[];
}

/** An iSCSI target with its first portal group; bench uses no second one. */
export interface Target {
  readonly name: Iqn;
  readonly isEnabled: boolean;
  readonly attributes: Readonly<Record<string, number>>;
  readonly luns: readonly Lun[];
  readonly acls: readonly Acl[];
  readonly portals: readonly Portal[];
}

/** What the kernel serves. */
export interface TargetState {
  readonly backstores: readonly Backstore[];
  readonly targets: readonly Target[];
}

/**
 * Asks for the live configuration, not for the saved file: `targetctl save` writes what the kernel has. Passwords of ACLs
 * are part of the answer.
 */
export function askTarget(): CommandProbe {
  return askShell(
    'd=$(mktemp -d) || exit 1; targetctl save "$d/live" >&2 && cat "$d/live"; c=$?; rm -rf "$d"; exit $c',
  );
}

/** Throws `PreconditionError` where the tools are not installed, `BenchError` when the answer cannot be understood. */
export function readTarget({ code, stdout, stderr }: CommandAnswer): TargetState {
  if (code === 127) throw new PreconditionError('targetctl is not on this host', 'install targetcli first');
  if (code !== 0)
    throw new BenchError('E_TOOL_OUTPUT', `targetctl save ended with exit code ${code}: ${tailOf(stderr, 1)}`);
  return parseTargetState(stdout);
}

const lun = z.object({ index: z.int(), storage_object: z.string() });
const mappedLun = z.object({ index: z.int(), tpg_lun: z.int(), write_protect: z.boolean() });
const acl = z.object({
  node_wwn: z.string(),
  chap_userid: z.string().optional(),
  chap_password: z.string().optional(),
  mapped_luns: z.array(mappedLun),
});
const group = z.object({
  tag: z.int(),
  enable: z.boolean(),
  attributes: z.record(z.string(), z.number()),
  luns: z.array(lun),
  node_acls: z.array(acl),
  portals: z.array(z.object({ ip_address: z.string(), port: z.int() })),
});
const saved = z.object({
  storage_objects: z.array(
    z.object({
      plugin: z.string(),
      name: z.string(),
      dev: z.string().optional(),
      size: z.number().optional(),
      wwn: z.string(),
    }),
  ),
  targets: z.array(z.object({ fabric: z.string(), wwn: z.string(), tpgs: z.array(group) })),
});

/** Text of saveconfig.json to a state; targets of other fabrics than iSCSI are left out. */
export function parseTargetState(text: string): TargetState {
  const { storage_objects: objects, targets } = parseSaved(text);
  return {
    backstores: objects.map(({ plugin, name, dev, size, wwn }) => ({
      plugin,
      name,
      path: dev,
      sizeBytes: size ?? 0,
      serial: wwn,
    })),
    targets: targets.filter(({ fabric }) => fabric === 'iscsi').flatMap(({ wwn, tpgs }) => toTarget(wwn, tpgs[0])),
  };
}

function parseSaved(text: string): z.infer<typeof saved> {
  try {
    return saved.parse(JSON.parse(text));
  } catch (cause) {
    const reason = cause instanceof z.ZodError ? z.prettifyError(cause) : String(cause);
    throw new BenchError('E_TOOL_OUTPUT', `the target's configuration cannot be read: ${reason}`, { cause });
  }
}

function toTarget(name: string, group1: z.infer<typeof group> | undefined): readonly Target[] {
  if (group1 === undefined) return [];
  const { enable, attributes, luns, node_acls: acls, portals } = group1;
  return [
    {
      name: seenIqn(name),
      isEnabled: enable,
      attributes,
      luns: luns.map(({ index, storage_object: path }) => ({
        number: index,
        backstore: path.replace(/^\/backstores\//, ''),
      })),
      acls: acls.map(toAcl),
      portals: portals.map(({ ip_address: address, port }) => ({ address, port })),
    },
  ];
}

function toAcl({
  node_wwn: name,
  chap_userid: user,
  chap_password: password,
  mapped_luns: luns,
}: z.infer<typeof acl>): Acl {
  return {
    initiator: seenIqn(name),
    chap: user && password ? { user, password: new Secret(password) } : undefined,
    luns: luns.map(({ index, tpg_lun: targetLun, write_protect: isReadOnly }) => ({
      number: index,
      targetLun,
      isReadOnly,
    })),
  };
}
