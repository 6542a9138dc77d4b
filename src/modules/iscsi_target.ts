import { z } from 'zod';
import { askShell, defineResource, pathOf } from '../contract/module.ts';
import { PreconditionError } from '../core/errors.ts';
import { linesOf } from '../core/text.ts';
import { toIqn } from '../storage/iqn.ts';
import { planTarget, planTargetAbsent } from '../storage/plan-target.ts';
import { parsePortal } from '../storage/portal.ts';
import { askTarget, readTarget } from '../storage/target-state.ts';
import { absolutePath } from './parts/attributes.ts';
import {
  chapOf,
  chapPassword,
  chapUser,
  HALF_LOGIN,
  iqn,
  isWholeLogin,
  portal,
  twiceIn,
} from './parts/iscsi-params.ts';

const params = z.strictObject({
  iqn: iqn.meta({ description: 'Name of the target.', examples: ['iqn.2026-11.lab.bench:guests'] }),
  state: z.enum(['present', 'absent']).default('present').describe('`absent` leaves the files behind the LUNs.'),
  portal: portal.optional().meta({
    description: 'Where it listens; on all addresses when absent.',
    examples: ['10.0.0.10:3260'],
  }),
  luns: z
    .array(
      z.strictObject({
        lun: z.int().min(0).max(255).describe('Number of the LUN: by-path names on the initiators follow from it.'),
        name: z
          .string()
          .regex(/^[\w.-]+$/, 'letters, digits and . _ -')
          .describe('Name of its backstore.'),
        path: absolutePath.describe('File behind it, made when missing.'),
        size_mib: z.int().min(1).describe('Size of a file that is made.'),
      }),
    )
    .default([])
    .superRefine((luns, context) => {
      for (const key of ['lun', 'name', 'path'] as const) {
        const twice = twiceIn(luns.map((one) => one[key]));
        if (twice !== undefined)
          context.addIssue({ code: 'custom', message: `two LUNs have the same ${key}: ${twice}` });
      }
    })
    .describe('What the target serves.'),
  initiators: z
    .array(
      z
        .strictObject({ iqn: iqn.describe('Name of the initiator.'), user: chapUser, password: chapPassword })
        .refine(isWholeLogin, HALF_LOGIN),
    )
    .default([])
    .superRefine((initiators, context) => {
      const twice = twiceIn(initiators.map((one) => one.iqn.toLowerCase()));
      if (twice !== undefined) context.addIssue({ code: 'custom', message: `${twice} stands twice` });
    })
    .describe('Who may log in.'),
  exclusive: z.boolean().default(true).describe('LUNs, portals and initiators that are not named go away.'),
});

type Params = z.infer<typeof params>;

/** targetcli takes an address that the host lacks, says OK, and nobody can connect. */
const ADDRESSES = "ip -o -4 addr show | awk '{print $4}'";

export const iscsi_target = defineResource({
  name: 'iscsi_target',
  summary: 'Serve files as LUNs of an iSCSI target, to named initiators with CHAP.',
  params,
  example: `iqn: iqn.2026-11.lab.bench:guests
portal: 10.0.0.10:3260
luns: [{ lun: 1, name: g1, path: /var/lib/bench/luns/g1.img, size_mib: 1024 }]
initiators: [{ iqn: iqn.2026-11.lab.bench:xen1, user: xen1, password: practice-chap-1 }]`,
  notes:
    'Works with targetcli (LIO) on the live configuration and saves it. All commands go to one targetcli by standard input: passwords are never arguments. What only the loss of data could change (another size or path of a backstore) is refused.',

  probe: (task) => [askTarget(), askShell(ADDRESSES), ...foldersOf(task).map(pathOf)],
  read([answer, addresses, ...folders], task) {
    return {
      ...readTarget(answer),
      addresses: linesOf(addresses.stdout).map((line) => line.replace(/\/.*$/, '')),
      missingFolders: foldersOf(task).filter((_, index) => folders[index]?.entry === undefined),
    };
  },
  plan(state, task) {
    const name = toIqn(task.iqn);
    if (task.state === 'absent') return planTargetAbsent(state, name);
    assertPossible(state, task);
    return planTarget(state, {
      name,
      portals: task.portal === undefined ? [] : [parsePortal(task.portal)],
      luns: task.luns.map(({ lun, name: backstore, path, size_mib }) => ({
        number: lun,
        backstore: { name: backstore, path, sizeMib: size_mib },
      })),
      acls: task.initiators.map((one) => ({ initiator: toIqn(one.iqn), chap: chapOf(one) })),
      surplus: task.exclusive ? 'remove' : 'keep',
    });
  },
});

function foldersOf({ luns }: Params): readonly string[] {
  return [...new Set(luns.map(({ path }) => folderOf(path)))];
}

function folderOf(path: string): string {
  return path.replace(/\/+[^/]*$/, '') || '/';
}

interface Surroundings {
  readonly addresses: readonly string[];
  readonly missingFolders: readonly string[];
}

/** In the one shell that does it all, a line that fails does not stop those behind it. */
function assertPossible({ addresses, missingFolders }: Surroundings, { portal: where }: Params): void {
  const [folder] = missingFolders;
  if (folder !== undefined) {
    throw new PreconditionError(
      `there is no folder ${folder}`,
      `file: { path: ${folder}, state: directory, mode: "0700" }`,
    );
  }
  const address = where === undefined ? undefined : parsePortal(where).address;
  if (address !== undefined && address !== '0.0.0.0' && !addresses.includes(address)) {
    throw new PreconditionError(`this host has no address ${address}`, `it has ${addresses.join(', ')}`);
  }
}
