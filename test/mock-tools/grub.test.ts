import { readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { entryOf, readCaptured } from './captured.ts';
import { type PlayedHost, playHost } from './payload.ts';

const newer = '6.14.5-300.fc42.x86_64';
const older = '6.13.9-200.fc42.x86_64';
const uuid = '3f1a9c1e-5b0d-4c3e-9d5d-6a1f0b7c2e11';
const hints = '--hint-bios=hd0,gpt3 --hint-efi=hd0,gpt3 --hint-baremetal=ahci0,gpt3';

function fedora(name: string): string {
  return readFileSync(new URL(`../fixtures/captured/fedora-grub/${name}`, import.meta.url), 'utf8');
}

let base: PlayedHost;
let host: PlayedHost;
const at = (path: string) => join(host.root, path);
const read = (path: string) => readFileSync(at(path), 'utf8');
const makeConfig = () => host.run(`grub2-mkconfig -o ${at('boot/grub2/grub.cfg')}`);

/** The made-up machine of the captured files: two kernels, one hypervisor under four names, devices as its stand-in said. */
beforeAll(async () => {
  base = playHost({ packages: [['grub2'], ['kernel', newer], ['kernel', older]] });
  host = base;
  writeFileSync(at('etc/system-release'), 'Fedora release 42 (Adams)\n');
  await host.run(`mkdir -p ${at('etc/mock')}; mock-kernel-install add ${older}; mock-kernel-install add ${newer}`);
  writeFileSync(
    at('etc/mock/grub.conf'),
    `device=/dev/sda3\nroot_uuid=${uuid}\nboot_uuid=${uuid}\ndrive=${hints}\nhints=${hints}\n`,
  );
  writeFileSync(at('boot/xen-4.19.2.gz'), 'hypervisor');
  for (const name of ['xen', 'xen-4', 'xen-4.19']) symlinkSync('xen-4.19.2.gz', at(`boot/${name}.gz`));
  await defaults({});
});

afterAll(() => base.remove());

beforeEach(() => {
  host = playHost({ packages: [], like: base });
});

afterEach(() => host.remove());

/** /etc/default/grub as Fedora ships it, with changes. */
async function defaults(changes: Readonly<Record<string, string>>): Promise<void> {
  const values = {
    GRUB_TIMEOUT: '5',
    GRUB_DISTRIBUTOR: 'Fedora',
    GRUB_DEFAULT: 'saved',
    GRUB_DISABLE_SUBMENU: 'true',
    GRUB_TERMINAL_OUTPUT: 'console',
    GRUB_CMDLINE_LINUX: 'rhgb quiet',
    GRUB_CMDLINE_XEN_DEFAULT: 'dom0_mem=4G,max:4G dom0_max_vcpus=2 sched=credit',
    GRUB_DISABLE_RECOVERY: 'true',
    GRUB_ENABLE_BLSCFG: 'true',
    ...changes,
  };
  writeFileSync(
    at('etc/default/grub'),
    Object.entries(values)
      .map(([key, value]) => `${key}="${value}"\n`)
      .join(''),
  );
  await makeConfig();
}

describe('the played grub2-mkconfig', () => {
  test('writes, byte for byte, what Fedora writes with submenus off', () => {
    expect(read('boot/grub2/grub.cfg')).toBe(fedora('fedora-42-submenu-off.cfg'));
  });

  test('writes, byte for byte, what Fedora writes with submenus on', async () => {
    await defaults({ GRUB_DISABLE_SUBMENU: 'false' });
    expect(read('boot/grub2/grub.cfg')).toBe(fedora('fedora-42-submenu-on.cfg'));
  });

  test('has no Xen entries for kernels that cannot be dom0', async () => {
    for (const version of [newer, older]) writeFileSync(at(`boot/config-${version}`), 'CONFIG_XEN=y\n');
    await makeConfig();
    expect(read('boot/grub2/grub.cfg')).not.toContain('multiboot2\t');
    expect(read('boot/grub2/grub.cfg')).toContain('blscfg');
  });

  test('leaves the old file where the disk is full or a script fails', async () => {
    const before = read('boot/grub2/grub.cfg');
    writeFileSync(at('etc/grub.d/20_linux_xen'), '#!/bin/sh\nexit 1\n');
    expect((await makeConfig()).exit).not.toBe(0);
    expect(read('boot/grub2/grub.cfg')).toBe(before);
  });

  test('says what it finds on stderr and nothing on stdout', async () => {
    const ran = await makeConfig();
    expect(ran.stdout).toBe('');
    expect(ran.stderr.split('\n').at(0)).toBe('Generating grub configuration file ...');
    expect(ran.stderr).toContain(
      `Found linux image: /boot/vmlinuz-${newer}\nFound initrd image: /boot/initramfs-${newer}.img`,
    );
    expect(ran.stderr.split('\n').at(-1)).toBe('done');
  });
});

describe('the played environment block', () => {
  beforeEach(() => host.run('grub2-editenv create'));

  test('answers to the captured commands as the real tools do', async () => {
    const entries = readCaptured('boot-grub.txt');
    const here = (text: string) =>
      text
        .replaceAll(/\bgrub-(editenv|reboot|set-default)/g, 'grub2-$1')
        .replaceAll('/boot/grub/', `${host.root}/boot/grub2/`);
    const notes = [
      'grub-set-default with the ids, without GRUB_DEFAULT=saved',
      'grub-set-default with a name that no entry has',
      'unset',
      'grub-reboot with a title',
      'grub-editenv of an absent file',
    ];
    for (const note of notes) {
      const entry = entryOf(entries, note);
      const ran = await host.run(here(entry.command));
      expect({ note, ...ran }).toEqual({ note, exit: entry.exit, stdout: entry.stdout, stderr: entry.stderr });
    }
  });

  test('is always 1024 bytes that begin as GRUB demands', async () => {
    await host.run(
      "grub2-set-default 'a long name of an entry'; grub2-editenv - set next_entry=b boot_success=1; grub2-editenv - unset next_entry",
    );
    expect(statSync(at('boot/grub2/grubenv')).size).toBe(1024);
    expect(read('boot/grub2/grubenv')).toMatch(
      /^# GRUB Environment Block\n# WARNING: .*\n(?:[a-z_]+=.*\n)*saved_entry=a long name of an entry\nboot_success=1\n#+$/,
    );
  });

  test('refuses a block that GRUB would not read', async () => {
    writeFileSync(at('boot/grub2/grubenv'), 'saved_entry=x\n');
    expect(await host.run('grub2-editenv list')).toMatchObject({
      exit: 1,
      stderr: 'grub2-editenv: error: invalid environment block.',
    });
  });
});

describe('the played boot', () => {
  const id = (kernel: string) => `xen-gnulinux-${kernel}-advanced-${uuid}`;
  /** Boots and says what was chosen. */
  const boot = async () => {
    const ran = await host.run('mock-grub-boot; echo "$?"');
    expect(ran).toEqual({ exit: 0, stdout: '0', stderr: '' });
    const xen = await host.run(`cat ${at('run/mock/xen-booted')}`);
    return { entry: read('run/mock/booted-entry').trim(), linux: read('run/mock/cmdline').trim(), xen: xen.stdout };
  };
  const plain = (kernel: string) => `Fedora Linux (${kernel}) 42 (Server Edition)`;

  test('takes the kernel that was installed last as the default, by its BLS entry', async () => {
    const booted = await boot();
    expect(booted).toMatchObject({ entry: plain(newer), xen: '' });
    expect(booted.linux).toMatch(/^BOOT_IMAGE=\(.*\)\/vmlinuz-6\.14\.5\S* root=/);
  });

  test('boots Xen once by grub2-reboot, gives its options, and leaves next_entry empty', async () => {
    await host.run(`grub2-reboot '${id(older)}'`);
    expect(await boot()).toEqual({
      entry: `Fedora, with Xen xen and Linux ${older}`,
      linux: 'placeholder root=/dev/sda3 ro rhgb quiet',
      xen: 'placeholder dom0_mem=4G,max:4G dom0_max_vcpus=2 sched=credit',
    });
    expect((await host.run('grub2-editenv list')).stdout.split('\n')).toContain('next_entry=');
    expect(await boot()).toMatchObject({ entry: plain(newer), xen: '' });
  });

  test('takes the first of the entries that share an id', async () => {
    await host.run(`grub2-set-default '${id(newer)}'`);
    expect(await boot()).toMatchObject({ entry: `Fedora, with Xen xen and Linux ${newer}` });
  });

  test('boots the first entry when the saved one does not exist', async () => {
    await host.run("grub2-set-default 'No such entry'");
    expect(await boot()).toMatchObject({ entry: plain(newer), xen: '' });
  });

  test('finds a title, a position, and an entry inside submenus by its whole path only', async () => {
    await defaults({ GRUB_DISABLE_SUBMENU: 'false' });
    await host.run("grub2-set-default 'Fedora, with Xen hypervisor'");
    expect(await boot()).toMatchObject({ entry: 'Fedora, with Xen hypervisor' });
    await host.run('grub2-set-default 1');
    expect(await boot()).toMatchObject({ entry: plain(older) });
    await host.run(`grub2-set-default '${id(older)}'`);
    expect(await boot()).toMatchObject({ entry: plain(newer) });
    await host.run(`grub2-set-default 'gnulinux-advanced-${uuid}>xen-hypervisor-4.19-${uuid}>${id(older)}'`);
    const path = ['Advanced options for Fedora (with Xen hypervisor)', 'Xen hypervisor, version 4.19'];
    expect(await boot()).toMatchObject({ entry: [...path, `Fedora, with Xen 4.19 and Linux ${older}`].join('>') });
  });

  test('ignores the saved entry when GRUB_DEFAULT names another', async () => {
    await defaults({ GRUB_DEFAULT: id(older) });
    await host.run("grub2-set-default 'whatever'");
    expect(await boot()).toMatchObject({ entry: `Fedora, with Xen xen and Linux ${older}` });
  });

  test('boots nothing that is not there', async () => {
    await host.run(`grub2-reboot '${id(newer)}'; rm ${at('boot/xen.gz')}`);
    const ran = await host.run(`mock-grub-boot; echo "$?"; cat ${at('run/mock/grub.log')}`);
    expect(ran.stdout).toBe("1\nerror: file `/xen.gz' not found.");
  });

  test('goes back to a new bare kernel as the default when one is installed, as Fedora does', async () => {
    await host.run(`grub2-set-default '${id(newer)}'; mock-kernel-install add ${older}`);
    expect(await boot()).toMatchObject({ entry: plain(older), xen: '' });
    expect((await host.run('grubby --default-kernel')).stdout).toBe(`/boot/vmlinuz-${older}`);
  });
});
