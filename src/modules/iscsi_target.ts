import { z } from 'zod';
import { defineResource } from '../contract/module.ts';
import { Secret } from '../core/secret.ts';
import { chapPasswordProblem, chapUserProblem } from '../storage/chap.ts';
import { toIqn } from '../storage/iqn.ts';
import { planTarget, planTargetAbsent } from '../storage/plan-target.ts';
import { parsePortal } from '../storage/portal.ts';
import { askTarget, readTarget } from '../storage/target-state.ts';
import { absolutePath } from './parts/attributes.ts';
import { checkedBy, iqn, portal } from './parts/iscsi-params.ts';

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
    .describe('What the target serves.'),
  initiators: z
    .array(
      z.strictObject({
        iqn: iqn.describe('Name of the initiator.'),
        user: z.string().check(checkedBy(chapUserProblem)).optional().describe('CHAP user.'),
        password: z.string().check(checkedBy(chapPasswordProblem)).optional().describe('CHAP password.'),
      }),
    )
    .default([])
    .describe('Who may log in.'),
  exclusive: z.boolean().default(true).describe('LUNs, portals and initiators that are not named go away.'),
});

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

  probe: () => [askTarget()],
  read: ([answer]) => readTarget(answer),
  plan(state, task) {
    const name = toIqn(task.iqn);
    if (task.state === 'absent') return planTargetAbsent(state, name);
    return planTarget(state, {
      name,
      portals: task.portal === undefined ? [] : [parsePortal(task.portal)],
      luns: task.luns.map(({ lun, name: backstore, path, size_mib }) => ({
        number: lun,
        backstore: { name: backstore, path, sizeMib: size_mib },
      })),
      acls: task.initiators.map(({ iqn: initiator, user, password }) => ({
        initiator: toIqn(initiator),
        chap: user === undefined || password === undefined ? undefined : { user, password: new Secret(password) },
      })),
      surplus: task.exclusive ? 'remove' : 'keep',
    });
  },
});
