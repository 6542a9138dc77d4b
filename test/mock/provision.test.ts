import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { bench, docker, INVENTORY, inside, start } from './lab.ts';

/** The tests follow each other: each finds the laboratory as the one before has left it. */
const few = ['-e', 'migration_repetitions=1'];
const folder = mkdtempSync(join(tmpdir(), 'bench-mock-'));

beforeAll(async () => {
  await bench('lab', 'down', 'mock');
  const up = await bench('lab', 'up', 'mock');
  expect(up.code, up.output).toBe(0);
});

afterAll(async () => {
  rmSync(folder, { recursive: true, force: true });
  await bench('lab', 'down', 'mock');
});

test('check on a fresh laboratory tells what would change and what it cannot know, and changes nothing', async () => {
  const { code, output } = await bench('provision', INVENTORY, '--check', ...few);
  expect(code, output).toBe(0);
  expect(output).toContain('would change package xen');
  expect(output).toMatch(/\? xen1 +reboot into Xen/);
  expect(output).toContain('nothing was touched');
  expect(await inside('xen1', 'rpm -q xen || true')).toContain('not installed');
  expect(await inside('xen1', 'cat /etc/hosts')).not.toContain('laboratory');
});

test('provision sets up the laboratory and captures downtime and total time', async () => {
  const { code, output } = await bench('provision', INVENTORY, ...few);
  expect(code, output).toBe(0);
  expect(output).toContain('captured: 4 of 4 trials have downtime and total migration time');
  const lists = await Promise.all(['xen1', 'xen2'].map((host) => inside(host, 'xl list')));
  expect(lists.filter((list) => /^g1 /m.test(list))).toHaveLength(1);
  const [digest, ...clones] = await Promise.all(
    ['guest.img.sha256', 'guest.img.clones/*g1*', 'guest.img.clones/*g2*'].map((file) =>
      inside('stor1', `cut -c1-64 /var/lib/bench/${file}`),
    ),
  );
  expect(clones).toEqual([digest, digest]);
});

test('the run is stored with its trials and samples, and without the CHAP password', () => {
  const run = join(
    '.bench/runs',
    readdirSync('.bench/runs')
      .filter((name) => name !== 'latest')
      .sort()
      .at(-1) ?? '',
  );
  const trials = readFileSync(join(run, 'trials.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(trials).toHaveLength(4);
  for (const { samples } of trials)
    expect(readFileSync(join(run, 'samples', samples), 'utf8').length).toBeGreaterThan(1000);
  for (const file of ['run.json', 'events.jsonl'])
    expect(readFileSync(join(run, file), 'utf8')).not.toContain('practice-chap-1');
});

test('a second provision changes nothing and says so', async () => {
  const { code, output } = await bench('provision', INVENTORY, ...few);
  expect(code, output).toBe(0);
  expect(output).toMatch(/✔ \d+ tasks on 3 hosts, nothing to do/);
});

test('a reboot brings Xen, the bridge, the target and the sessions back', async () => {
  const playbook = join(folder, 'reboot.yml');
  writeFileSync(playbook, '- hosts: all\n  serial: 1\n  order: reverse_inventory\n  tasks:\n    - reboot: {}\n');
  const reboot = await bench('run', playbook, '-i', INVENTORY);
  expect(reboot.code, reboot.output).toBe(0);
  const again = await bench('provision', INVENTORY, '--skip-tags', 'smoke,benchmark');
  expect(again.code, again.output).toBe(0);
  // What lives in a hypervisor's memory is gone after its reboot; everything else has come back by itself.
  const changed = [...again.output.matchAll(/^ \+ (\S+ +.*)$/gm)].map(([, line = '']) => line);
  expect(changed.every((line) => line.includes('guests run'))).toBe(true);
});

test('a wrong CHAP password is told with what to look at', async () => {
  const portal = '-T iqn.2026-11.lab.bench:guests -p 10.213.77.10:3260';
  await inside('xen1', `xl destroy g1 2>/dev/null; iscsiadm -m node ${portal} --logout`);
  const { code, output } = await bench(
    'run',
    'playbooks/storage.yml',
    '-i',
    INVENTORY,
    '-l',
    'xen1',
    '-e',
    'iscsi_chap_password=not-the-one-12',
  );
  expect(code, output).toBe(1);
  expect(output).toContain('log in to the target');
  expect(output).toContain('24');
  expect(output).not.toContain('not-the-one-12');
  const mended = await bench('provision', INVENTORY, '--skip-tags', 'smoke,benchmark');
  expect(mended.code, mended.output).toBe(0);
});

test('permission lost at the handover ends with exit 4, and what is left over is told and not touched', async () => {
  await inside('xen1', 'mkdir -p /etc/mock; echo fault=handover >/etc/mock/xen.conf');
  const { code, output } = await bench('verify', INVENTORY, '-t', 'smoke');
  await inside('xen1', 'rm /etc/mock/xen.conf');
  expect(code, output).toBe(4);
  expect(output).toContain('g1--migratedaway');
  expect(output).toContain('g1--incoming');
  expect(await inside('xen1', 'xl list')).toContain('g1--migratedaway');
  expect(await inside('xen2', 'xl list')).toContain('g1--incoming');
  await inside('xen1', 'xl destroy g1--migratedaway');
  await inside('xen2', 'xl destroy g1--incoming');
});

test('a guest that does not answer after the switch is lost, not averaged', async () => {
  await bench('run', 'playbooks/guests.yml', '-i', INVENTORY);
  await inside('xen1', 'echo fault=guest-dead >/etc/mock/xen.conf');
  const { code, output } = await bench('verify', INVENTORY, '-t', 'smoke');
  await inside('xen1', 'rm /etc/mock/xen.conf');
  expect(code, output).toBe(4);
  expect(output).toMatch(/guest.*lost|lost/);
  await inside('xen2', 'xl destroy g1');
});

test('a guest on two hosts at once is told', async () => {
  await bench('run', 'playbooks/guests.yml', '-i', INVENTORY);
  await inside('xen1', 'echo fault=double >/etc/mock/xen.conf');
  const { code, output } = await bench('verify', INVENTORY, '-t', 'smoke');
  await inside('xen1', 'rm /etc/mock/xen.conf');
  expect(code, output).toBe(4);
  expect(output).toMatch(/xen1.*xen2|both/s);
  await inside('xen1', 'xl destroy g1');
  await inside('xen2', 'xl destroy g1');
});

test('what would fail only after the guest was stopped is refused before it moves', async () => {
  await bench('run', 'playbooks/guests.yml', '-i', INVENTORY);
  await inside('xen2', 'echo memory_total_mib=1100 >/etc/mock/xen.conf');
  const { code, output } = await bench('verify', INVENTORY, '-t', 'smoke');
  await inside('xen2', 'rm /etc/mock/xen.conf');
  expect(code, output).not.toBe(0);
  expect(output).toMatch(/memory/);
  expect(await inside('xen1', 'xl list')).toMatch(/^g1 /m);
});

test('a host that dies in the middle of a task is unreachable, the others go on, exit 3', async () => {
  const playbook = join(folder, 'slow.yml');
  writeFileSync(
    playbook,
    '- hosts: xen_hosts\n  gather_facts: false\n  tasks:\n    - name: long work\n      command: sh -c "echo begun; sleep 5"\n    - name: after it\n      command: "true"\n',
  );
  const running = start('run', playbook, '-i', INVENTORY, '-vv');
  await running.wrote('begun');
  await docker('kill', 'bench-mock-xen2');
  const { code, output } = await running.ended;
  expect(code, output).toBe(3);
  expect(output).toMatch(/✖ xen2 .*long work/);
  expect(output).toMatch(/\+ xen1 +after it/);
  const up = await bench('lab', 'up', 'mock');
  expect(up.code, up.output).toBe(0);
});

test('destroy undoes what the laboratory owns, and a second one finds nothing', async () => {
  const first = await bench('destroy', INVENTORY);
  expect(first.code, first.output).toBe(0);
  expect(await inside('stor1', 'targetcli ls')).not.toContain('lab.bench:guests');
  const second = await bench('destroy', INVENTORY);
  expect(second.output).toContain('nothing to do');
});
