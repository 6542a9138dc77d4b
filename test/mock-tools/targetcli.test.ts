import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Captured, entryOf, readCaptured } from './captured.ts';
import { freePort, type PlayedHost, playHost } from './payload.ts';

const iqn = 'iqn.2024-01.lab.bench';
const shell = readCaptured('lio-targetcli.txt');
const service = readCaptured('lio-service.txt');

/** Entries that ask other tools, the kernel's configfs or an unprivileged user. */
const foreign = /^(package versions|kernel modules|not root|configfs|listening sockets|files left)/;

async function playStorage(): Promise<{ host: PlayedHost; san: string }> {
  const san = mkdtempSync(join(tmpdir(), 'bench-san-'));
  const environment = { MOCK_SAN: san, MOCK_ISCSI_PORT: String(await freePort()) };
  return { host: playHost({ packages: [['targetcli']], environment }), san };
}

/** Debian's folder of the saved configuration is Fedora's; identities and the test's own folder have no meaning. */
function normal(text: string, root: string): string {
  return text
    .replaceAll('rtslib-fb-target/', 'target/')
    .replaceAll(root, '')
    .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
    .replace(/"alias": "[0-9a-f]{10}"/g, '"alias": "ALIAS"')
    .replaceAll('/root/.targetcli/prefs.bin', 'PREFS');
}

/** The captured command, with the paths of the shell's own tools in the played root; a link there leads to the shared file. */
function commandOf(entry: Captured, root: string): string {
  return entry.command
    .replaceAll(/(truncate -s \S+|stat) (-c %s )?\/srv/g, `$1 $2 -L ${root}/srv`)
    .replace('32M  -L', '32M');
}

async function replay(host: PlayedHost, entry: Captured): Promise<void> {
  const ran = await host.run(commandOf(entry, host.root), entry.stdin);
  const told = {
    note: entry.note,
    exit: ran.exit,
    stdout: normal(ran.stdout, host.root),
    stderr: normal(ran.stderr, host.root),
  };
  const { note, exit, stdout, stderr } = entry;
  expect(told).toEqual({ note, exit, stdout: normal(stdout, host.root), stderr: normal(stderr, host.root) });
}

describe('the played targetcli', () => {
  let host: PlayedHost;
  let san: string;
  beforeAll(async () => {
    ({ host, san } = await playStorage());
  });
  afterAll(() => {
    host.remove();
    rmSync(san, { recursive: true });
  });

  test('says what the real one says, command after command, with the same exit codes', async () => {
    const upTo = shell.findIndex((entry) => entry.note === 'target, upper case without underscore');
    for (const entry of shell.slice(0, upTo)) {
      // The real machine's shell had been left there by hand, and a shell begins where the last one ended.
      if (entry.note === 'commands on stdin, all good') await host.run('targetcli', 'cd /backstores/fileio\n');
      if (!foreign.test(entry.note)) await replay(host, entry);
    }
    const saved = await host.run(`cat ${host.root}/etc/target/saveconfig.json`);
    const captured = entryOf(readCaptured('lio-saveconfig.txt'), 'saved configuration').stdout;
    expect(normal(saved.stdout, host.root)).toBe(normal(captured, host.root));
    expect(statSync(join(host.root, 'etc/target/saveconfig.json')).mode & 0o777).toBe(0o600);

    await host.run(`targetcli /iscsi create ${iqn}:disk2`);
    for (const entry of shell.slice(upTo)) await replay(host, entry);
  });

  test('keeps passwords in clear in its log, as the real one does', () => {
    expect(readFileSync(join(host.root, 'root/.targetcli/log.txt'), 'utf8')).toContain('password=secretsecret1');
  });

  test('keeps the data of a file on the volume that all hosts share, behind the name that was given', async () => {
    await host.run(`echo precious > ${host.root}/srv/old.img`);
    const made = await host.run('targetcli /backstores/fileio create name=old file_or_dev=/srv/old.img');
    expect(made).toMatchObject({ exit: 0, stdout: 'Created fileio old with size 9' });
    expect(readFileSync(join(san, hostname(), 'srv/old.img'), 'utf8')).toBe('precious\n');
    expect(readFileSync(join(host.root, 'srv/old.img'), 'utf8')).toBe('precious\n');
  });

  test('listens on a portal as soon as it exists and no longer than that', async () => {
    const listening = () => host.run(`ss -Hltn "sport = :$MOCK_ISCSI_PORT" | wc -l`);
    const before = Number((await listening()).stdout);
    expect(before).toBeGreaterThan(0);
    await host.run('targetcli clearconfig confirm=True');
    expect((await listening()).stdout).toBe('0');
  });
});

describe('the played restore service', () => {
  let host: PlayedHost;
  let san: string;
  beforeAll(async () => {
    ({ host, san } = await playStorage());
    const tpg = (name: string) => `/iscsi/${iqn}:${name}/tpg1`;
    const lines = ['disk1', 'disk2'].flatMap((disk, index) => [
      `/backstores/fileio create name=${disk} file_or_dev=/srv/${disk}.img size=64M write_back=false`,
      `/iscsi create ${iqn}:${disk}`,
      `${tpg(disk)}/luns create /backstores/fileio/${disk} lun=1`,
      `${tpg(disk)}/acls create ${iqn}:xena`,
      `${tpg(disk)}/acls create ${iqn}:xenb`,
      `${tpg(disk)}/acls/${iqn}:xena set auth userid=xena password=secretsecret1`,
      `${tpg(disk)}/acls/${iqn}:xenb set auth userid=xenb password=secretsecret2`,
      `${tpg(disk)} set attribute authentication=1`,
      `${tpg(disk)}/portals delete 0.0.0.0 3260`,
      `${tpg(disk)}/portals create 10.77.0.12 ${3260 + index}`,
    ]);
    await host.run('targetcli', `${lines.join('\n')}\n`);
    await host.run(`echo '{"storage_objects": [}' > ${host.root}/broken.json`);
  });
  afterAll(() => {
    host.remove();
    rmSync(san, { recursive: true });
  });

  test('clears, restores and refuses as the real tools do', async () => {
    const notes = [
      'clearconfig without confirm',
      'clearconfig with confirm',
      'ls after',
      'restoreconfig',
      'restoreconfig again over a live configuration',
      'ls after the restore',
      'restoreconfig, file missing',
      'restoreconfig with clear_existing',
    ];
    for (const note of notes) await replay(host, entryOf(service, note));
  });

  test('refuses a broken file with the place of the mistake', async () => {
    const ran = await host.run('targetcli restoreconfig /broken.json');
    expect(ran).toEqual({ exit: 1, stdout: '', stderr: 'Expecting value: line 1 column 22 (char 21)' });
  });

  test('leaves an empty file where the backing file is missing, and says nothing', async () => {
    await host.run(`rm $MOCK_SAN/*/srv/disk1.img ${host.root}/srv/disk1.img`);
    const ran = await host.run('targetctl clear; targetctl restore; echo "exit $?"; targetcli ls /iscsi');
    expect(ran.stdout).toContain('exit 0');
    expect(ran.stdout).toContain('fileio/disk1 (/srv/disk1.img)');
    expect(statSync(join(host.root, 'srv/disk1.img')).size).toBe(0);
    expect(statSync(join(host.root, 'srv/disk2.img')).size).toBe(64 * 1024 ** 2);
  });

  test('loses what was not saved when the host starts anew', async () => {
    await host.run(`targetcli /iscsi create ${iqn}:unsaved`);
    await host.run(`kill $(cat ${host.root}/run/mock/lio/liod.pid); rm -rf ${host.root}/run/mock; targetctl restore`);
    const ran = await host.run('targetcli ls /iscsi 1');
    expect(ran.stdout).toContain(`${iqn}:disk1`);
    expect(ran.stdout).not.toContain(`${iqn}:unsaved`);
  });
});
