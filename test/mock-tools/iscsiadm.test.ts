import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Captured, entryOf, readCaptured } from './captured.ts';
import { freePort, type PlayedHost, playHost } from './payload.ts';

const target = 'iqn.2024-01.lab.bench:disk1';
const portal = '127.0.0.12';
const discovery = readCaptured('iscsi-discovery.txt');
const login = readCaptured('iscsi-login.txt');
const down = readCaptured('iscsi-down.txt');

/** The captured addresses are loopback's here; what the resolver says of a name differs between machines. */
function played(text: string): string {
  return text
    .replaceAll('10.77.0.10', '127.0.0.1')
    .replaceAll('10.99.0.1', '127.0.0.99')
    .replaceAll(/\b10\.77\.0\.(1[23])\b/g, '127.0.0.$1')
    .replaceAll(/getaddrinfo error: \[.*\]/g, 'getaddrinfo error: [WHY]');
}

/** A storage host and an initiator that share a volume, as two containers do; waiting times are cut short. */
async function playPair(): Promise<{ stor: PlayedHost; xena: PlayedHost; san: string }> {
  const san = mkdtempSync(join(tmpdir(), 'bench-san-'));
  const environment = { MOCK_SAN: san, MOCK_ISCSI_PORT: String(await freePort()) };
  const stor = playHost({ packages: [['targetcli']], environment });
  const xena = playHost({ packages: [['iscsi-initiator-utils']], environment });
  writeFileSync(join(xena.root, 'etc/iscsi/initiatorname.iscsi'), 'InitiatorName=iqn.2024-01.lab.bench:xena\n');
  writeFileSync(join(xena.root, 'etc/iscsi/iscsid.conf'), 'node.startup = manual\n');
  writeFileSync(join(xena.root, 'etc/mock/iscsi.conf'), 'login_timeout_s=1\nconnect_retry_ms=10\nudev_delay_ms=100\n');
  await stor.run(
    'targetcli',
    `/backstores/fileio create name=disk1 file_or_dev=/srv/disk1.img size=64M write_back=false
/iscsi create ${target}
/iscsi/${target}/tpg1/luns create /backstores/fileio/disk1 lun=1
/iscsi/${target}/tpg1/acls create iqn.2024-01.lab.bench:xena
/iscsi/${target}/tpg1/acls/iqn.2024-01.lab.bench:xena set auth userid=xena password=secretsecret1
/iscsi/${target}/tpg1 set attribute authentication=1 generate_node_acls=0
/iscsi/${target}/tpg1/portals delete 0.0.0.0 3260
/iscsi/${target}/tpg1/portals create ${portal} 3260
`,
  );
  return { stor, xena, san };
}

async function replay(host: PlayedHost, entry: Captured): Promise<void> {
  const ran = await host.run(played(entry.command));
  const { note, exit } = entry;
  const told = { note, exit: ran.exit, stdout: played(ran.stdout), stderr: played(ran.stderr) };
  expect(told).toEqual({ note, exit, stdout: played(entry.stdout), stderr: played(entry.stderr) });
}

async function replayAll(host: PlayedHost, entries: readonly Captured[], notes: readonly string[]): Promise<void> {
  for (const note of notes) await replay(host, entryOf(entries, note));
}

describe('the played iscsiadm', () => {
  let stor: PlayedHost;
  let xena: PlayedHost;
  let san: string;
  beforeAll(async () => {
    ({ stor, xena, san } = await playPair());
  });
  afterAll(() => {
    stor.remove();
    xena.remove();
    rmSync(san, { recursive: true });
  });

  const set = (name: string, value: string) =>
    xena.run(`iscsiadm -m node -T ${target} -p ${portal} -o update -n ${name} -v '${value}'`);
  const authenticate = async (user: string, password: string) => {
    await set('node.session.auth.authmethod', 'CHAP');
    await set('node.session.auth.username', user);
    await set('node.session.auth.password', password);
  };

  test('discovers, keeps records and changes them with the words and exit codes of the real one', async () => {
    await replayAll(xena, discovery, [
      'version',
      'version of iscsid',
      'sessions, none ever made',
      'node records, none ever made',
      'session -P 1, none',
      'session -P 3, none',
    ]);
    await stor.run(`targetcli /iscsi/${target}/tpg1/portals create 127.0.0.99 3260`);
    await replayAll(xena, discovery, [
      'discovery, good',
      'discovery, good, with the port',
      'discovery, good, -P 1',
      'discovery, wrong port (refused)',
      'discovery, name that does not resolve',
      'discovery, bad type',
      'node records',
      'node records -P 1',
      'one record',
      'record, unknown target',
      'record, portal without port and other portal',
      'startup automatic',
      'startup automatic, again',
      'update of a name that does not exist',
      'update with an unknown value',
      'CHAP into the record before the next discovery',
      'show masks the password?',
      'show with -S',
    ]);
    await stor.run(`targetcli /iscsi/${target}/tpg1/portals delete 127.0.0.99 3260`);
    await replay(xena, entryOf(discovery, 'discovery again: does it reset node.startup and CHAP?'));
    await set('node.startup', 'automatic');
    await set('node.session.auth.authmethod', 'CHAP');
    await replayAll(xena, discovery, [
      'discovery with -o new: does it reset?',
      'discovery with -o update: does it reset?',
    ]);
    await set('node.startup', 'automatic');
    await replay(xena, entryOf(discovery, 'discovery with -o nonpersistent: does it reset?'));
  });

  test('shows a record in full with the fields of the real one, in its order', async () => {
    const captured = entryOf(discovery, 'node record in full').stdout.split('\n[...]')[0] ?? '';
    const shown = await xena.run('iscsiadm -m discovery -t st -p 127.0.0.12 >/dev/null; iscsiadm -m node -o show');
    expect(shown.stdout.startsWith(played(captured))).toBe(true);
    expect(shown.stdout.split('\n')).toHaveLength(109);
  });

  test('keeps records where open-iscsi keeps them, passwords in clear', async () => {
    await authenticate('xena', 'secretsecret1');
    const nodes = join(xena.root, 'var/lib/iscsi/nodes');
    const text = readFileSync(join(nodes, target, `${portal},3260,1`, 'default'), 'utf8');
    expect(text).toContain('node.session.auth.password = secretsecret1');
    expect(text).not.toContain('<empty>');
    expect(readdirSync(join(xena.root, 'var/lib/iscsi/send_targets'))).toContain(`${portal},3260`);
  });

  test('is refused without CHAP, with a wrong password and with a wrong user, each with code 24', async () => {
    await set('node.session.auth.authmethod', 'None');
    await replay(xena, entryOf(login, 'login without CHAP (target wants it)'));
    await authenticate('xena', 'wrongwrong');
    await replay(xena, entryOf(login, 'login with a wrong CHAP password'));
    await authenticate('somebody', 'secretsecret1');
    await replay(xena, entryOf(login, 'login with a wrong CHAP user'));
    await replay(xena, entryOf(login, 'session list after failed logins'));
  });

  test('brings the by-path name a moment after the login has returned', async () => {
    await authenticate('xena', 'secretsecret1');
    const name = `ip-${portal}:3260-iscsi-${target}-lun-1`;
    const ran = await xena.run(
      `iscsiadm -m node -T ${target} -p ${portal} --login; ls $MOCK_ROOT/dev/disk/by-path; udevadm settle; ls $MOCK_ROOT/dev/disk/by-path`,
    );
    expect(ran.stdout.split('\n').slice(1)).toEqual([expect.stringMatching(/ successful\.$/), name]);
    const link = join(xena.root, 'dev/disk/by-path', name);
    expect(readlinkSync(link)).toBe('../../sda');
    writeFileSync(link, 'written by the initiator');
    expect(readFileSync(join(stor.root, 'srv/disk1.img'), 'utf8')).toContain('written by the initiator');
    expect(readlinkSync(join(xena.root, 'dev/sda'))).toBe(join(san, hostname(), 'srv/disk1.img'));
  });

  test('shows sessions as the real one does and refuses a second login', async () => {
    await set('node.startup', 'automatic');
    await replayAll(xena, login, [
      'login twice',
      'login of all records, one is logged in',
      'loginall automatic',
      'sessions',
      'sessions -P 1',
      'sessions -P 3',
      'session -r 1 -P 1',
      'session -r of an unknown id',
      'rescan',
      'record delete while logged in',
    ]);
    const seen = await stor.run('targetcli sessions detail');
    expect(seen.stdout).toContain(
      'name: iqn.2024-01.lab.bench:xena (NOT AUTHENTICATED)\n    mapped-lun: 1 backstore: fileio/disk1 mode: rw',
    );
  });

  test('finds a LUN that came later by a rescan', async () => {
    await stor.run(
      'targetcli',
      `/backstores/fileio create name=disk2 file_or_dev=/srv/disk2.img size=8M\n/iscsi/${target}/tpg1/luns create /backstores/fileio/disk2 lun=2\n`,
    );
    const size = 'udevadm settle; blockdev --getsize64 $MOCK_ROOT/dev/disk/by-path/*-lun-2';
    expect((await xena.run(size)).exit).not.toBe(0);
    const ran = await xena.run(`iscsiadm -m session --rescan >/dev/null; ${size}`);
    expect(ran).toMatchObject({ exit: 0, stdout: String(8 * 1024 ** 2) });
  });

  test('logs out once, takes the names away, and knows no second time', async () => {
    await replayAll(xena, login, [
      'logout',
      'logout twice',
      'logout all, nothing logged in',
      'session list, none (after use)',
      'login to a target that has no record',
      'login to a portal that has no record',
    ]);
    expect(readdirSync(join(xena.root, 'dev/disk/by-path'))).toEqual([]);
    expect(existsSync(join(xena.root, 'dev/sda'))).toBe(false);
  });

  test('takes a changed initiator name only after iscsid has started again', async () => {
    writeFileSync(join(xena.root, 'etc/iscsi/initiatorname.iscsi'), 'InitiatorName=iqn.2024-01.lab.bench:stranger\n');
    await replay(xena, entryOf(login, 'initiator name changed in the file only (iscsid not restarted): login'));
    await xena.run('iscsid --read-name');
    await replay(xena, entryOf(login, 'initiator without an ACL (iscsid restarted): login'));
    writeFileSync(join(xena.root, 'etc/iscsi/initiatorname.iscsi'), 'InitiatorName=iqn.2024-01.lab.bench:xena\n');
    await xena.run('iscsid --read-name');
  });

  test('shows a session whose target is gone only with -P 1, and logs out of it', async () => {
    const sid = (text: string) => text.replaceAll(/sid: \d+|^tcp: \[\d+\]/gm, 'SID');
    await xena.run(`iscsiadm -m node -T ${target} -p ${portal} --login`);
    await stor.run(`targetcli /iscsi/${target}/tpg1 disable`);
    const { command, stdout } = entryOf(down, 'target group disabled while logged in: sessions 3 s later');
    const ran = await xena.run(command.replace('sleep 3; ', ''));
    expect(sid(ran.stdout)).toBe(sid(played(stdout)));
    const out = entryOf(down, 'logout from a target that is down');
    expect(sid((await xena.run(played(out.command))).stdout)).toBe(sid(played(out.stdout)));
    await replay(xena, entryOf(down, 'login, target group disabled'));
  });

  test('gives up on a portal where nothing listens, and deletes records once', async () => {
    await stor.run('targetcli clearconfig confirm=True');
    await replayAll(xena, down, [
      'discovery, nothing listens on 3260',
      'login, nothing listens on 3260',
      'records deleted',
      'records deleted twice',
      'login after the delete',
    ]);
  });
});

describe('the played iscsi-iname', () => {
  test('makes a name that the next call does not make again', async () => {
    const host = playHost({ packages: [['iscsi-initiator-utils']] });
    const ran = await host.run('iscsi-iname; iscsi-iname; iscsi-iname -p iqn.2026-11.lab.bench');
    host.remove();
    const [one, two, three] = ran.stdout.split('\n');
    expect(one).toMatch(/^iqn\.1994-05\.com\.redhat:[0-9a-f]{1,12}$/);
    expect(two).not.toBe(one);
    expect(three).toMatch(/^iqn\.2026-11\.lab\.bench:[0-9a-f]{1,12}$/);
  });
});
