import type { Change, Step } from '../contract/step.ts';
import { type Chap, isSameChap } from './chap.ts';
import {
  deleteRecordStep,
  loginStep,
  logoutStep,
  type Node,
  newRecordStep,
  passwordStep,
  rescanStep,
  settleStep,
  updateStep,
} from './iscsiadm.ts';
import type { NodeRecord } from './node-records.ts';
import { isSamePortal, showPortal } from './portal.ts';
import type { IscsiSession } from './sessions.ts';

/** What an initiator is to know and to hold. */
export interface WantedSession extends Node {
  readonly chap: Chap | undefined;
  /** Whether the session comes back by itself after a reboot. */
  readonly startup: 'automatic' | 'manual' | 'onboot';
  /** Disks that the session must have brought. */
  readonly luns: readonly number[];
  /** Further fields of the record, by their names. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface InitiatorState {
  readonly records: readonly NodeRecord[];
  readonly sessions: readonly IscsiSession[];
}

const LOGGED_IN = 'LOGGED_IN';

/** A record with its settings, then a session that lives, then its disks. A changed password counts from the next login on. */
export function planSession(state: InitiatorState, wanted: WantedSession): readonly Change[] {
  const record = state.records.find((one) => isSameNode(one, wanted));
  const session = state.sessions.find((one) => isSameNode(one, wanted));
  return [
    ...(record === undefined ? [newRecord(wanted)] : []),
    ...planSettings(record, wanted),
    ...planChap(record, wanted),
    ...planLogin(session, wanted),
  ];
}

/** Ends the session and forgets the record; the target is not asked and may be gone. */
export function planSessionAbsent(state: InitiatorState, node: Node): readonly Change[] {
  const session = state.sessions.find((one) => isSameNode(one, node));
  const record = state.records.find((one) => isSameNode(one, node));
  return [
    ...(session === undefined ? [] : [change(node, 'session', session.state, undefined, [logoutStep(node)])]),
    ...(record === undefined ? [] : [change(node, 'record', 'present', undefined, [deleteRecordStep(node)])]),
  ];
}

function isSameNode(one: Node, other: Node): boolean {
  return one.target === other.target && isSamePortal(one.portal, other.portal);
}

function change(
  { target, portal }: Node,
  what: string,
  before: string | undefined,
  after: string | undefined,
  steps: readonly Step[],
): Change {
  return { what: `${what} of ${target} at ${showPortal(portal)}`, before, after, steps };
}

function newRecord(wanted: WantedSession): Change {
  return change(wanted, 'record', undefined, 'present', [newRecordStep(wanted)]);
}

function planSettings(record: NodeRecord | undefined, wanted: WantedSession): readonly Change[] {
  const { chap, startup, settings = {} } = wanted;
  const fields: Readonly<Record<string, string>> = {
    'node.startup': startup,
    'node.session.auth.authmethod': chap === undefined ? 'None' : 'CHAP',
    ...(chap && { 'node.session.auth.username': chap.user }),
    ...settings,
  };
  return Object.entries(fields)
    .filter(([name, value]) => record?.fields.get(name) !== value)
    .map(([name, value]) => change(wanted, name, record?.fields.get(name), value, [updateStep(wanted, name, value)]));
}

function planChap(record: NodeRecord | undefined, wanted: WantedSession): readonly Change[] {
  const { chap } = wanted;
  if (chap === undefined || isSameChap(record?.chap && { ...record.chap, user: chap.user }, chap)) return [];
  const before = record?.chap && 'set';
  return [{ ...change(wanted, 'password', before, 'set', [passwordStep(wanted, chap.password)]), isSecret: true }];
}

function planLogin(session: IscsiSession | undefined, wanted: WantedSession): readonly Change[] {
  if (session === undefined) {
    return [change(wanted, 'session', undefined, LOGGED_IN, [loginStep(wanted), settleStep()])];
  }
  if (session.state !== LOGGED_IN) {
    const steps = [logoutStep(wanted), loginStep(wanted), settleStep()];
    return [change(wanted, 'session', session.state, LOGGED_IN, steps)];
  }
  const missing = wanted.luns.filter((lun) => !session.disks.has(lun));
  if (missing.length === 0) return [];
  const steps = [rescanStep(wanted), settleStep()];
  return missing.map((lun, index) =>
    change(wanted, `disk of LUN ${lun}`, undefined, 'present', index === 0 ? steps : []),
  );
}
