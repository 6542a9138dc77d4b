import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type Captured, entryOf, readCaptured } from './captured.ts';
import type { PlayedHost } from './payload.ts';
import { endXenHost, playXenHost, runAs, toldBy, writeGuest } from './xen-host.ts';

const hostEntries = readCaptured('xen-host.txt');
const createEntries = readCaptured('xen-create.txt');
const guestEntries = readCaptured('xen-guest.txt');
const plainEntries = readCaptured('plain-linux.txt');

const replay = (played: PlayedHost) => async (entry: Captured) => {
  const ran = await runAs(played, entry.command);
  expect(toldBy(entry, ran, played.root)).toEqual(toldBy(entry, entry));
};

const named = (entries: readonly Captured[], notes: readonly string[]) => notes.map((note) => entryOf(entries, note));

describe('xl of a host that did not boot Xen', () => {
  let played: PlayedHost;
  beforeAll(() => {
    played = playXenHost();
    rmSync(join(played.root, 'run/mock/xen-booted'));
  });
  afterAll(() => played.remove());

  const refused = plainEntries.filter(
    ({ note, stdout }) => /^the real binary: xl/.test(note) && !stdout.includes('lines cut'),
  );
  test.each(refused.map((entry) => [entry.note, entry] as const))('%s is refused as there', (_note, entry) =>
    replay(played)(entry),
  );

  test.each(named(plainEntries, ['xenstore', 'xenstore-read']).map((entry) => [entry.note, entry] as const))(
    '%s is refused as there',
    (_note, entry) => replay(played)(entry),
  );

  test('xl without words shows its usage all the same', async () => {
    const ran = await played.run('xl');
    expect(ran.exit).toBe(1);
    expect(ran.stdout).toBe(entryOf(hostEntries, 'xl without command').stdout);
  });

  test('xen-detect sees no Xen', async () => {
    expect(await played.run('xen-detect')).toEqual({ exit: 0, stdout: 'Not running on Xen.', stderr: '' });
  });
});

describe('xl of a host under Xen without guests', () => {
  let played: PlayedHost;
  beforeAll(() => {
    played = playXenHost();
  });
  afterAll(() => endXenHost(played));

  const notes = [
    'xl list, no guest',
    'xl list -v, no guest',
    'xl list -l Domain-0',
    'xl list -l 0',
    'xl --version',
    'xl version',
    'xl without command',
    'xl unknown command',
    'xl help migrate',
    'xl help create',
    'xl vcpu-list, no guest',
    'xl sched-credit2, no guest',
    'xl sched-credit2 -s',
    'xl sched-credit while credit2 runs',
    'xl uptime',
    'xl claims',
    'xenstore of dom0',
    'xenstore-read, missing key',
    'xenstore-list',
  ];
  test.each(named(hostEntries, notes).map((entry) => [entry.note, entry] as const))(
    '%s says what the real one says',
    (_note, entry) => replay(played)(entry),
  );

  test.each(['xl info', 'xl info -n'])('%s has the keys of the real one in its order', async (command) => {
    const keys = (text: string) => text.split('\n').map((line) => /^(\w+) +:/.exec(line)?.[1] ?? '');
    const uncut = entryOf(hostEntries, command).stdout.replace(/\[\.\.\.\].*$/, 'build_id : \nxend_config_format : ');
    const perCpu = (text: string) => text.replaceAll(/^ +\d+: .*\n/gm, '');
    const ran = await played.run(command);
    expect(keys(perCpu(ran.stdout))).toEqual(keys(perCpu(uncut)));
  });

  test('xl info accounts for memory, scheduler and command line as the real one with the same dom0_mem', async () => {
    const pick = (text: string) =>
      text
        .split('\n')
        .filter((line) => /^(virt_caps|total_memory|free_memory|xen_scheduler|xen_commandline)/.test(line));
    const ran = await played.run('xl info');
    expect(pick(ran.stdout)).toEqual(pick(entryOf(hostEntries, 'xl info').stdout));
  });

  test('the columns of xl list and xl vcpu-list are as wide as there', async () => {
    const widths = (text: string) => text.split('\n').map((line) => line.length);
    for (const note of [
      'xl list, no guest',
      'xl list -v, no guest',
      'xl vcpu-list, no guest',
      'xl sched-credit2, no guest',
    ]) {
      const entry = entryOf(hostEntries, note);
      expect(widths((await played.run(entry.command)).stdout), note).toEqual(widths(entry.stdout));
    }
  });

  test('without dom0_mem the hypervisor has no free memory and dom0 gives some to a guest', async () => {
    const other = playXenHost();
    onTestFinished(() => endXenHost(other));
    await other.run('echo placeholder > $MOCK_ROOT/run/mock/xen-booted');
    expect((await other.run('xl info | grep free_memory')).stdout).toMatch(/: 0$/);
    expect((await other.run(`xl create ${writeGuest(other, 'g1.cfg')}`)).exit).toBe(0);
    expect((await other.run('xl list 0')).stdout).toMatch(/ 757 /);
  });
});

describe('xl create', () => {
  let played: PlayedHost;
  beforeAll(async () => {
    played = playXenHost();
    const other = [/"g1"/, '"g3"'] as const;
    const noDisk = [/^disk = .*\n/m, ''] as const;
    const files: Record<string, readonly (readonly [string | RegExp, string])[]> = {
      'g1.cfg': [],
      'huge.cfg': [other, noDisk, [/memory = 128/, 'memory = 9000']],
      'nokernel.cfg': [other, [/guest\/vmlinuz/, 'guest/none']],
      'noinitrd.cfg': [other, [/guest\/guest.cpio.gz/, 'guest/none']],
      'badk.cfg': [other, [/guest\/vmlinuz/, 'guest/badkernel']],
      'syn.cfg': [[/vmlinuz"/, 'vmlinuz']],
      'syn2.cfg': [[/"pvh"/, 'pvh']],
      'type.cfg': [other, [/"pvh"/, '"pvm"']],
      'noname.cfg': [[/name = .*/, '']],
      'hvm.cfg': [other, [/"pvh"/, '"hvm"']],
      'nodisk.cfg': [other, [/target=[^']*/, 'target=/dev/disk/by-path/none-lun-1']],
      'samedisk.cfg': [other],
      'nobr.cfg': [other, noDisk, [/br0/, 'br9']],
    };
    for (const [name, changes] of Object.entries(files)) writeGuest(played, name, changes);
  });
  afterAll(() => endXenHost(played));

  test('dry runs print the configuration as there', () => replay(played)(entryOf(createEntries, 'dry run')));

  const notes = [
    'create, good',
    'list 15 s later',
    'list -v',
    'list --cpupool',
    'list -l of the guest',
    'list of one',
    'list of an unknown one',
    'list -l of an unknown one',
    'list of an unknown id',
    'list of one known and one unknown',
    'the same name again',
    'list after the same name again',
    'not enough memory (memory=9000)',
    'list after not enough memory',
    'missing kernel',
    'missing ramdisk',
    'bad syntax (string not closed)',
    'bad syntax (bare word)',
    'unknown type',
    'name missing',
    'configuration file missing',
    'missing disk',
    'HVM without a device model installed',
    'quiet (-q)',
    'missing bridge',
    'disk that another guest uses read-write',
    'kernel file that is no kernel',
  ];
  test('succeeds and fails with the words, streams and exit codes of the real one', async () => {
    for (const entry of named(createEntries, notes)) await replay(played)(entry);
  });

  test('a failure uses up a domain id and leaves the memory free', async () => {
    const free = async () => (await played.run('xl info | grep free_memory')).stdout;
    const before = await free();
    const id = async () => Number((await played.run('cat $MOCK_ROOT/run/mock/xen/last_domid')).stdout);
    const last = await id();
    await runAs(played, 'xl create /root/guest/nokernel.cfg');
    expect([await id(), await free()]).toEqual([last + 1, before]);
  });

  test('refuses a guest that needs a little more than is free', async () => {
    const free = Number(/\d+/.exec((await played.run('xl info | grep free_memory')).stdout)?.[0]);
    const file = writeGuest(played, 'little.cfg', [
      [/"g1"/, '"g9"'],
      [/^disk = .*\n/m, ''],
      [/memory = 128/, `memory = ${free - 1}`],
    ]);
    const ran = await played.run(`xl create ${file}`);
    expect(ran.exit).toBe(3);
    expect(ran.stderr).toContain("can't allocate low memory for domain: Out of memory");
  });
});

describe('xl on one guest', () => {
  let played: PlayedHost;
  beforeAll(async () => {
    played = playXenHost();
    await played.run(`xl create ${writeGuest(played, 'g1.cfg')}`);
  });
  afterAll(() => endXenHost(played));

  const notes = [
    'domid',
    'domid of an unknown one',
    'domname',
    'domname of an unknown id',
    'domname of a non-number',
    'vcpu-list',
    'vcpu-list of one',
    'vcpu-list of an unknown one',
    'sched-credit2',
    'sched-credit2, set a cap',
    'sched-credit2 of an unknown one',
    'sched-credit2, weight out of range',
    'uptime',
    'network-list',
    'block-list',
    'rename',
    'rename of an unknown one',
    'rename to a name in use',
    'pause',
    'pause twice',
    'unpause',
    'unpause twice',
    'shutdown of an unknown one',
    'shutdown -w of an unknown one',
    'shutdown all, none',
    'destroy of an unknown one',
    'destroy of an unknown id',
    'destroy of Domain-0',
    'shutdown, waiting',
    'list after shutdown',
  ];
  test('says what the real one says, command after command', async () => {
    for (const entry of named(
      guestEntries,
      notes.filter((note) => note !== 'shutdown all, none'),
    )) {
      await replay(played)(entry);
    }
  });

  test('a guest that was shut down leaves the list after a moment', async () => {
    await expect.poll(async () => (await played.run('xl list g1')).exit, { timeout: 8000 }).toBe(1);
    await replay(played)(entryOf(guestEntries, 'shutdown all, none'));
  });

  test('a reboot shows the guest shut down and then under a new id', async () => {
    await runAs(played, 'xl create /root/guest/g1.cfg');
    const before = (await played.run('xl domid g1')).stdout;
    expect(await played.run('xl reboot g1')).toEqual({ exit: 0, stdout: '', stderr: `Rebooting domain ${before}` });
    expect((await played.run('xl list g1')).stdout).toContain('--psr-');
    await expect
      .poll(async () => Number((await played.run('xl domid g1')).stdout), { timeout: 8000 })
      .toBeGreaterThan(Number(before));
  });

  test('a shutdown of a paused guest fails and is carried out at the unpause', async () => {
    await expect.poll(async () => (await played.run('xl list g1')).stdout, { timeout: 8000 }).toContain('-b----');
    const ran = await played.run('xl pause g1 && xl shutdown g1');
    expect(ran.exit).toBe(1);
    expect(ran.stderr).toContain("guest didn't acknowledge control request: -9\nshutdown failed (rc=-9)");
    await played.run('xl unpause g1');
    expect((await played.run('xl list g1')).stdout).toContain('--ps--');
    await expect.poll(async () => (await played.run('xl list g1')).exit, { timeout: 8000 }).toBe(1);
  });

  test('CPU time of a busy guest counts up no faster than its cap', async () => {
    const busy = writeGuest(played, 'busy.cfg', [[/extra = "/, 'cap = 50\nextra = "bench.load=100 ']]);
    await played.run(`xl create ${busy}`);
    const cpuOf = async () => Number(/[\d.]+$/.exec((await played.run('xl list g1')).stdout)?.[0]);
    const began = performance.now();
    await expect.poll(cpuOf, { timeout: 8000 }).toBeGreaterThanOrEqual(0.3);
    const seconds = (performance.now() - began) / 1000;
    expect(await cpuOf()).toBeLessThanOrEqual(0.5 * (seconds + 1));
    expect((await played.run('xl list g1')).stdout).toContain('r-----');
    expect(seconds).toBeGreaterThan(0.3);
  });
});

test('every unit is skipped where no Xen runs', () => {
  const played = playXenHost();
  for (const unit of ['xenstored', 'xenconsoled', 'xen-init-dom0', 'xendomains']) {
    const text = readFileSync(join(played.root, `usr/lib/systemd/system/${unit}.service`), 'utf8');
    expect(text, unit).toContain('ConditionPathExists=/run/mock/xen-booted\n');
  }
  played.remove();
});
