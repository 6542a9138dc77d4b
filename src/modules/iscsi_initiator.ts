import { z } from 'zod';
import { bytesOf, type Change, defineResource, pathOf, run, textOf } from '../contract/module.ts';
import { PreconditionError } from '../core/errors.ts';
import { INITIATOR_NAME_FILE, parseInitiatorName, renderInitiatorName } from '../storage/initiator-name.ts';
import { type Iqn, toIqn } from '../storage/iqn.ts';
import { askNodeRecords, askSessions } from '../storage/iscsiadm.ts';
import { readNodeRecords } from '../storage/node-records.ts';
import { planSession, planSessionAbsent } from '../storage/plan-initiator.ts';
import { byPathName, parsePortal } from '../storage/portal.ts';
import { type IscsiSession, readSessions } from '../storage/sessions.ts';
import { devicesChange, explained } from './parts/iscsi-login.ts';
import { chapOf, chapPassword, chapUser, HALF_LOGIN, iqn, isWholeLogin, portal } from './parts/iscsi-params.ts';

const params = z
  .strictObject({
    name: iqn.optional().meta({
      description: "The host's own name, different on every host. Left alone when absent.",
      examples: ['iqn.2026-11.lab.bench:xen1'],
    }),
    target: iqn.meta({ description: 'Target to log in to.', examples: ['iqn.2026-11.lab.bench:guests'] }),
    portal: portal.meta({ description: 'Where the target listens.', examples: ['10.0.0.10:3260'] }),
    state: z.enum(['present', 'absent']).default('present').describe('`absent` logs out and forgets the target.'),
    user: chapUser,
    password: chapPassword,
    startup: z
      .enum(['automatic', 'manual', 'onboot'])
      .default('automatic')
      .describe('Whether the session comes back by itself after a reboot.'),
    luns: z.array(z.int().min(0).max(255)).default([]).describe('LUNs whose disks the session must have brought.'),
  })
  .refine(isWholeLogin, HALF_LOGIN);

type Params = z.infer<typeof params>;

export const iscsi_initiator = defineResource({
  name: 'iscsi_initiator',
  summary: 'Hold a session with an iSCSI target and have its disks.',
  params,
  example:
    '{ name: "iqn.2026-11.lab.bench:xen1", target: "iqn.2026-11.lab.bench:guests", portal: "10.0.0.10:3260", user: xen1, password: practice-chap-1, luns: [1] }',
  notes:
    'Registers `devices`: the by-path name of each LUN, the same on every host. The record is made without a discovery, which would reset it. The password is written into the record file, never an argument. A new name of the host counts from the restart of iscsid on, which is part of this task.',
  isSlow: true,

  probe: (task) => [textOf(INITIATOR_NAME_FILE), askNodeRecords(), askSessions(), ...pathsOf(task).map(pathOf)],
  read([name, records, sessions, ...devices], task) {
    if (records.code === 127) {
      throw new PreconditionError(
        'iscsiadm is not on this host',
        'install iscsi-initiator-utils, or open-iscsi on Debian',
      );
    }
    return {
      name: name.text === undefined ? undefined : parseInitiatorName(name.text),
      records: readNodeRecords(records),
      sessions: readSessions(sessions),
      missing: pathsOf(task).filter((_, index) => devices[index]?.entry === undefined),
    };
  },

  plan({ name, records, sessions, missing }, task): readonly Change[] {
    const node = { target: toIqn(task.target), portal: parsePortal(task.portal) };
    if (task.state === 'absent') return planSessionAbsent({ records, sessions }, node);
    const own = task.name === undefined ? name : toIqn(task.name);
    const changes = planSession(
      { records, sessions: sessions.map((session) => asRenamed(session, own)) },
      { ...node, chap: chapOf(task), startup: task.startup, luns: task.luns },
    );
    return [
      ...(own === undefined || own === name ? [] : [nameChange(name, own)]),
      ...(own !== undefined && own === name ? planRestart(sessions, own) : []),
      ...changes.map((change) => ({ ...change, steps: change.steps.map((step) => explained(step, own)) })),
      ...(missing.length === 0 ? [] : [devicesChange(missing)]),
    ];
  },
  result: (_state, task) => ({
    devices: Object.fromEntries(task.luns.map((lun, index) => [String(lun), pathsOf(task)[index]])),
  }),
});

function pathsOf({ target, portal: where, luns, state }: Params): readonly string[] {
  if (state === 'absent') return [];
  return luns.map((lun) => byPathName(parsePortal(where), toIqn(target), lun));
}

/** A session that was opened under another name does not count: the target knows the host by the old one. */
function asRenamed(session: IscsiSession, own: Iqn | undefined): IscsiSession {
  if (own === undefined || session.initiator === own) return session;
  return { ...session, state: `${session.state} as ${session.initiator}` };
}

/** iscsid reads the name when it starts: what it opened under another one it would open under that one again. */
function planRestart(sessions: readonly IscsiSession[], own: Iqn): readonly Change[] {
  const other = sessions.find(({ initiator }) => initiator !== own);
  if (other === undefined) return [];
  return [{ what: 'name that iscsid uses', before: other.initiator, after: own, steps: [RESTART] }];
}

const RESTART = run('systemctl', 'restart', 'iscsid.service');

function nameChange(before: Iqn | undefined, after: Iqn): Change {
  const content = bytesOf(renderInitiatorName(after));
  return {
    what: 'name of the initiator',
    before,
    after,
    steps: [{ kind: 'write', path: INITIATOR_NAME_FILE, content, mode: 0o600 }, RESTART],
  };
}
