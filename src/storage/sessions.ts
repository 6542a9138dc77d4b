import type { CommandAnswer } from '../contract/probe.ts';
import { BenchError } from '../core/errors.ts';
import { linesOf, tailOf } from '../core/text.ts';
import { type Iqn, seenIqn } from './iqn.ts';
import { EXIT_NOTHING_THERE } from './iscsiadm.ts';
import type { Portal } from './portal.ts';

/** A session as `iscsiadm -m session -P 1` to `-P 3` tell of it. */
export interface IscsiSession {
  readonly id: number;
  readonly target: Iqn;
  readonly portal: Portal;
  /** The name that this session was opened with: the one that iscsid read when it started. */
  readonly initiator: Iqn;
  /** LOGGED_IN, or FAILED when the target is gone: the plain list does not tell them apart. */
  readonly state: string;
  /** Kernel names of its disks by LUN number; known from -P 3 only. */
  readonly disks: ReadonlyMap<number, string>;
}

type Draft = { -readonly [K in keyof IscsiSession]?: IscsiSession[K] } & { disks: Map<number, string> };

/** Answer of `iscsiadm -m session -P N`. Having no session is exit code 21 and no error. */
export function readSessions({ code, stdout, stderr }: CommandAnswer): readonly IscsiSession[] {
  if (code === EXIT_NOTHING_THERE) return [];
  if (code !== 0)
    throw new BenchError('E_TOOL_OUTPUT', `iscsiadm -m session ended with exit code ${code}: ${tailOf(stderr, 1)}`);
  return parseSessions(stdout);
}

/** One target may have several portals, each with a session of its own. Throws `BenchError` on a session that is not whole. */
export function parseSessions(text: string): readonly IscsiSession[] {
  const drafts: Draft[] = [];
  let target: Iqn | undefined;
  let lun: number | undefined;
  for (const line of linesOf(text)) {
    const [, key = '', value = ''] = /^\s*([^:]+):\s*(.*)$/.exec(line) ?? [];
    const draft = drafts.at(-1);
    if (key === 'Target') target = seenIqn(value.split(' ')[0] ?? '');
    else if (key === 'Current Portal') drafts.push({ ...(target && { target }), ...portalOf(value), disks: new Map() });
    else if (draft === undefined) continue;
    else if (key === 'SID') draft.id = Number(value);
    else if (key === 'Iface Initiatorname') draft.initiator = seenIqn(value);
    else if (key === 'iSCSI Session State') draft.state = value;
    else if (/^scsi\d+ Channel/.test(key)) lun = Number(value);
    else {
      const disk = /^\s*Attached scsi disk (\S+)/.exec(line)?.[1];
      if (disk !== undefined && lun !== undefined) draft.disks.set(lun, disk);
    }
  }
  if (drafts.length === 0) throw unreadable(text);
  return drafts.map((draft) => whole(draft, text));
}

function portalOf(value: string): { readonly portal?: Portal } {
  const [, address, port] = /^(\S+):(\d+),-?\d+$/.exec(value) ?? [];
  return address === undefined ? {} : { portal: { address, port: Number(port) } };
}

function whole({ id, target, portal, initiator, state, disks }: Draft, text: string): IscsiSession {
  if (id === undefined || !Number.isInteger(id) || !target || !portal || !initiator || !state) throw unreadable(text);
  return { id, target, portal, initiator, state, disks };
}

function unreadable(text: string): BenchError {
  return new BenchError('E_TOOL_OUTPUT', `iscsiadm's sessions cannot be read: ${tailOf(text, 3)}`);
}
