import { z } from 'zod';
import { bytesOf, type Change, defineResource, run, textOf } from '../contract/module.ts';
import { Secret } from '../core/secret.ts';
import { chapPasswordProblem, chapUserProblem } from '../storage/chap.ts';
import { INITIATOR_NAME_FILE, parseInitiatorName, renderInitiatorName } from '../storage/initiator-name.ts';
import { toIqn } from '../storage/iqn.ts';
import { askNodeRecords, askSessions } from '../storage/iscsiadm.ts';
import { readNodeRecords } from '../storage/node-records.ts';
import { planSession, planSessionAbsent } from '../storage/plan-initiator.ts';
import { byPathName, parsePortal } from '../storage/portal.ts';
import { readSessions } from '../storage/sessions.ts';
import { checkedBy, iqn, portal } from './parts/iscsi-params.ts';

const params = z.strictObject({
  name: iqn.optional().meta({
    description: "The host's own name, different on every host. Left alone when absent.",
    examples: ['iqn.2026-11.lab.bench:xen1'],
  }),
  target: iqn.meta({ description: 'Target to log in to.', examples: ['iqn.2026-11.lab.bench:guests'] }),
  portal: portal.meta({ description: 'Where the target listens.', examples: ['10.0.0.10:3260'] }),
  state: z.enum(['present', 'absent']).default('present').describe('`absent` logs out and forgets the target.'),
  user: z.string().check(checkedBy(chapUserProblem)).optional().describe('CHAP user.'),
  password: z.string().check(checkedBy(chapPasswordProblem)).optional().describe('CHAP password.'),
  startup: z
    .enum(['automatic', 'manual', 'onboot'])
    .default('automatic')
    .describe('Whether the session comes back by itself after a reboot.'),
  luns: z.array(z.int().min(0).max(255)).default([]).describe('LUNs whose disks the session must have brought.'),
});

export const iscsi_initiator = defineResource({
  name: 'iscsi_initiator',
  summary: 'Hold a session with an iSCSI target and have its disks.',
  params,
  example:
    '{ name: "iqn.2026-11.lab.bench:xen1", target: "iqn.2026-11.lab.bench:guests", portal: "10.0.0.10:3260", user: xen1, password: practice-chap-1, luns: [1] }',
  notes:
    'Registers `devices`: the by-path name of each LUN, the same on every host. The record is made without a discovery, which would reset it. The password is written into the record file, never an argument. A new name of the host counts from the restart of iscsid on, which is part of this task.',

  probe: () => [textOf(INITIATOR_NAME_FILE), askNodeRecords(), askSessions()],
  read: ([name, records, sessions]) => ({
    name: name.text === undefined ? undefined : parseInitiatorName(name.text),
    records: readNodeRecords(records),
    sessions: readSessions(sessions),
  }),

  plan(state, task): readonly Change[] {
    const node = { target: toIqn(task.target), portal: parsePortal(task.portal) };
    if (task.state === 'absent') return planSessionAbsent(state, node);
    const { user, password } = task;
    return [
      ...(task.name === undefined ? [] : planName(state.name, task.name)),
      ...planSession(state, {
        ...node,
        chap: user === undefined || password === undefined ? undefined : { user, password: new Secret(password) },
        startup: task.startup,
        luns: task.luns,
      }),
    ];
  },
  result: (_state, { target, portal: where, luns }) => ({
    devices: Object.fromEntries(luns.map((lun) => [String(lun), byPathName(parsePortal(where), toIqn(target), lun)])),
  }),
});

function planName(before: string | undefined, wanted: string): readonly Change[] {
  const after = toIqn(wanted);
  if (before === after) return [];
  const content = bytesOf(renderInitiatorName(after));
  return [
    {
      what: 'name of the initiator',
      before,
      after,
      steps: [
        { kind: 'write', path: INITIATOR_NAME_FILE, content, mode: 0o600 },
        run('systemctl', 'restart', 'iscsid.service'),
      ],
    },
  ];
}
