import type { CommandAnswer } from '../contract/probe.ts';
import { BenchError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import { linesOf, tailOf } from '../core/text.ts';
import type { Chap } from './chap.ts';
import { type Iqn, seenIqn } from './iqn.ts';
import { EXIT_NOTHING_THERE } from './iscsiadm.ts';
import type { Portal } from './portal.ts';

/** What open-iscsi remembers of a target at a portal. */
export interface NodeRecord {
  readonly target: Iqn;
  readonly portal: Portal;
  /** Number of the portal group; -1 in a record made without a discovery. */
  readonly group: number;
  /** Undefined unless the record asks for CHAP and has a user and a password (shown with -S only). */
  readonly chap: Chap | undefined;
  /** Every field by its name, without those that are empty. Passwords are left out. */
  readonly fields: ReadonlyMap<string, string>;
}

const PASSWORDS = ['node.session.auth.password', 'node.session.auth.password_in'];
const MASKED = '********';

/** Answer of `iscsiadm -m node -o show`, with or without -S. Having no record is exit code 21 and no error. */
export function readNodeRecords({ code, stdout, stderr }: CommandAnswer): readonly NodeRecord[] {
  if (code === EXIT_NOTHING_THERE) return [];
  if (code !== 0)
    throw new BenchError('E_TOOL_OUTPUT', `iscsiadm -m node ended with exit code ${code}: ${tailOf(stderr, 1)}`);
  return parseNodeRecords(stdout);
}

/** Blocks from `# BEGIN RECORD` to `# END RECORD`. Throws `BenchError` on a cut block or one without name and address. */
export function parseNodeRecords(text: string): readonly NodeRecord[] {
  const records: NodeRecord[] = [];
  let open: Map<string, string> | undefined;
  for (const line of linesOf(text)) {
    if (line.startsWith('# BEGIN RECORD')) {
      if (open !== undefined) throw unreadable('a record begins inside another');
      open = new Map();
    } else if (line.startsWith('# END RECORD')) {
      if (open === undefined) throw unreadable('a record ends that has not begun');
      records.push(toRecord(open));
      open = undefined;
    } else if (!line.startsWith('#') && line.trim() !== '') {
      const [, name, value = ''] = /^([\w.[\]]+) = ?(.*)$/.exec(line) ?? [];
      if (name === undefined || open === undefined) throw unreadable(`"${line}" is no field of a record`);
      if (value !== '<empty>' && value !== '') open.set(name, value);
    }
  }
  if (open !== undefined) throw unreadable('the last record has no end');
  return records;
}

function toRecord(all: ReadonlyMap<string, string>): NodeRecord {
  const name = all.get('node.name');
  const address = all.get('node.conn[0].address');
  const port = Number(all.get('node.conn[0].port'));
  const group = Number(all.get('node.tpgt'));
  if (name === undefined || address === undefined || !Number.isInteger(port) || !Number.isInteger(group)) {
    throw unreadable('a record lacks its name, address, port or group');
  }
  const fields = new Map([...all].filter(([field]) => !PASSWORDS.includes(field)));
  return { target: seenIqn(name), portal: { address, port }, group, chap: toChap(all), fields };
}

function toChap(all: ReadonlyMap<string, string>): Chap | undefined {
  const user = all.get('node.session.auth.username');
  const password = all.get('node.session.auth.password');
  if (all.get('node.session.auth.authmethod') !== 'CHAP' || !user || !password || password === MASKED) return undefined;
  return { user, password: new Secret(password) };
}

function unreadable(reason: string): BenchError {
  return new BenchError('E_TOOL_OUTPUT', `iscsiadm's records cannot be read: ${reason}`);
}
