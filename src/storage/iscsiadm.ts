import { ask, type CommandProbe } from '../contract/probe.ts';
import { type RunStep, run, runShell } from '../contract/step.ts';
import type { Secret } from '../core/secret.ts';
import type { Iqn } from './iqn.ts';
import { type Portal, showPortal } from './portal.ts';

/** iscsiadm's code for: no record, no session, or none that fits. */
export const EXIT_NOTHING_THERE = 21;

/** A target as one portal serves it: what a record and a session are about. */
export interface Node {
  readonly target: Iqn;
  readonly portal: Portal;
}

/** All records with every field. -S shows passwords, which is the only way to know whether they are right. */
export const askNodeRecords = (): CommandProbe => ask('iscsiadm', '-m', 'node', '-S', '-o', 'show');

/** All sessions with their states and disks. */
export const askSessions = (): CommandProbe => ask('iscsiadm', '-m', 'session', '-P', '3');

const node = ({ target, portal }: Node) => ['iscsiadm', '-m', 'node', '-T', target, '-p', showPortal(portal)];

/** Makes a record with the defaults of iscsid.conf, without asking the target: a discovery would reset all its records. */
export const newRecordStep = ({ target, portal }: Node): RunStep =>
  run('iscsiadm', '-m', 'node', '-T', target, '-p', `${showPortal(portal)},1`, '-o', 'new');

export const updateStep = (which: Node, name: string, value: string): RunStep =>
  run(...node(which), '-o', 'update', '-n', name, '-v', value);

export const loginStep = (which: Node): RunStep => run(...node(which), '--login');
export const logoutStep = (which: Node): RunStep => run(...node(which), '--logout');
export const deleteRecordStep = (which: Node): RunStep => run(...node(which), '-o', 'delete');
export const rescanStep = (which: Node): RunStep => run(...node(which), '--rescan');

/** A login returns before udev has named the disks. */
export const settleStep = (): RunStep => run('udevadm', 'settle');

const PASSWORD_FIELD = 'node.session.auth.password';

/** Fedora keeps records in /var/lib/iscsi, Debian in /etc/iscsi. A record may stand in one file or in one for each interface. */
const WRITE_PASSWORD = `IFS= read -r password || [ -n "$password" ] || exit 1
umask 077
for file in "/var/lib/iscsi/nodes/$1/$2,"*/default "/etc/iscsi/nodes/$1/$2,"*/default; do
  [ -f "$file" ] || continue
  { grep -v -e '^${PASSWORD_FIELD} = ' -e '^# END RECORD' "$file"; printf '${PASSWORD_FIELD} = %s\\n# END RECORD\\n' "$password"; } > "$file.new" &&
    mv "$file.new" "$file" || exit 1
  done=1
done
[ -n "$done" ] || { echo "no record of $1 at $2" >&2; exit 1; }`;

/** Writes the password into the record's file: iscsiadm takes it as an argument only, where every user could read it. */
export function passwordStep({ target, portal }: Node, password: Secret): RunStep {
  return { ...runShell(WRITE_PASSWORD, target, `${portal.address},${portal.port}`), stdin: password };
}

/** What an exit code of iscsiadm means, and what to do about it. The numbers are stable; the texts of the tool are not. */
export interface IscsiExit {
  readonly meaning: string;
  readonly hint?: string;
}

const EXITS: Readonly<Record<number, IscsiExit>> = {
  0: { meaning: 'done' },
  4: { meaning: "the portal's name cannot be resolved or reached", hint: 'give the portal as an IPv4 address' },
  6: { meaning: 'the record database cannot be read or written', hint: 'run it as root' },
  7: { meaning: 'a wrong name or value of a setting' },
  8: {
    meaning: 'the login timed out: nothing listens there, or the target is disabled',
    hint: 'on the target: targetcli ls /iscsi; ss -ltn sport = :3260',
  },
  11: {
    meaning: 'the portal cannot be connected to',
    hint: 'is the address right, and port 3260 open in the firewall?',
  },
  12: { meaning: 'the kernel has no iSCSI over TCP', hint: 'modprobe iscsi_tcp' },
  15: { meaning: 'there is a session already' },
  18: { meaning: 'iscsid does not answer', hint: 'systemctl restart iscsid' },
  19: { meaning: 'the target refused the login for good' },
  20: { meaning: 'iscsid is not running', hint: 'systemctl start iscsid' },
  21: { meaning: 'no record or session fits' },
  22: { meaning: 'no such session' },
  24: {
    meaning: 'the target refused this initiator: no ACL, or another CHAP user or password',
    hint: 'compare /etc/iscsi/initiatorname.iscsi with the ACLs of the target; iscsid reads it when it starts',
  },
};

export function explainExit(code: number): IscsiExit {
  return EXITS[code] ?? { meaning: `iscsiadm ended with exit code ${code}` };
}
