import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  findXenEntry,
  type GrubConfig,
  kernelOf,
  parseGrubConfig,
  parseGrubEnvironment,
  resolveSelector,
  selectorOf,
} from '../../../src/hypervisor/xen/grub.ts';
import { entryOf, readCaptured } from '../../mock-tools/captured.ts';

const fedora = (name: string) =>
  parseGrubConfig(readFileSync(new URL(`../../fixtures/captured/fedora-grub/${name}`, import.meta.url), 'utf8'));
const flat = fedora('fedora-42-submenu-off.cfg');
const nested = fedora('fedora-42-submenu-on.cfg');
const captured = readCaptured('boot-grub.txt');
const uuid = '3f1a9c1e-5b0d-4c3e-9d5d-6a1f0b7c2e11';
const older = '6.13.9-200.fc42.x86_64';
const newer = '6.14.5-300.fc42.x86_64';
const xenEntries = ({ entries }: GrubConfig) => entries.filter(({ hypervisor }) => hypervisor !== undefined);

/** The entry that a test needs; a missing one fails it here. */
function wanted(config: GrubConfig, kernel?: string) {
  const entry = findXenEntry(config, kernel);
  if (entry === undefined) throw new Error('no Xen entry');
  return entry;
}

describe("Fedora's grub.cfg", () => {
  test('has one entry for each name of the hypervisor and each kernel, with ids that are not unique', () => {
    expect(xenEntries(flat).map(({ hypervisor, linux }) => `${hypervisor?.file} ${linux?.file}`)).toEqual(
      ['/xen.gz', '/xen-4.gz', '/xen-4.19.gz', '/xen-4.19.2.gz'].flatMap((xen) => [
        `${xen} /vmlinuz-${newer}`,
        `${xen} /vmlinuz-${older}`,
      ]),
    );
    expect(new Set(xenEntries(flat).map(({ id }) => id)).size).toBe(2);
  });

  test('tells the options of the hypervisor and of the kernel, without what GRUB adds', () => {
    const entry = wanted(flat);
    expect(entry.hypervisor?.options).toEqual(['dom0_mem=4G,max:4G', 'dom0_max_vcpus=2', 'sched=credit']);
    expect(entry.linux?.options).toEqual(['root=/dev/sda3', 'ro', 'rhgb', 'quiet']);
    expect(kernelOf(entry)).toBe(newer);
  });

  test('lets grubenv decide and puts BLS entries first', () => {
    expect(flat).toMatchObject({ defaultEntry: 'saved', hasBlsEntries: true });
  });

  test('has a simple entry and two levels of submenus where they are not switched off', () => {
    const [simple, first] = xenEntries(nested);
    expect(simple).toMatchObject({ id: `xen-gnulinux-simple-${uuid}`, within: [] });
    expect(first?.within.map(({ title }) => title)).toEqual([
      'Advanced options for Fedora (with Xen hypervisor)',
      'Xen hypervisor, version xen',
    ]);
    expect(xenEntries(nested)).toHaveLength(9);
  });
});

describe('the choice of an entry', () => {
  test('takes the first of those that share an id, because GRUB does', () => {
    const entry = wanted(flat, older);
    expect(entry.hypervisor?.file).toBe('/xen.gz');
    expect(selectorOf(flat, entry)).toBe(`xen-gnulinux-${older}-advanced-${uuid}`);
  });

  test('names an entry by its title where its id leads to another', () => {
    const entry = xenEntries(flat).find(({ hypervisor }) => hypervisor?.file === '/xen-4.19.2.gz');
    if (entry === undefined) throw new Error('no such entry');
    expect(selectorOf(flat, entry)).toBe(`Fedora, with Xen 4.19.2 and Linux ${newer}`);
  });

  test('gives the whole path of an entry inside submenus', () => {
    expect(selectorOf(nested, wanted(nested))).toBe(`xen-gnulinux-simple-${uuid}`);
    expect(selectorOf(nested, wanted(nested, older))).toBe(
      `gnulinux-advanced-${uuid}>xen-hypervisor-xen-${uuid}>xen-gnulinux-${older}-advanced-${uuid}`,
    );
  });

  test('finds none where no kernel is the wanted one', () => {
    expect(findXenEntry(flat, '6.1.0')).toBeUndefined();
    expect(findXenEntry(parseGrubConfig(''))).toBeUndefined();
  });

  test.each([flat, nested])('names every Xen entry so that GRUB finds it again', (config) => {
    for (const entry of xenEntries(config)) {
      expect(resolveSelector(config, selectorOf(config, entry) ?? '')).toBe(entry);
    }
  });

  test('says nothing of a name that no entry has, of a path that ends at a submenu, or of one without it', () => {
    expect(resolveSelector(flat, 'No such entry')).toBeUndefined();
    expect(resolveSelector(nested, `gnulinux-advanced-${uuid}`)).toBeUndefined();
    expect(resolveSelector(nested, `xen-gnulinux-${older}-advanced-${uuid}`)).toBeUndefined();
    expect(resolveSelector(flat, `xen-gnulinux-${older}-advanced-${uuid}>deeper`)).toBeUndefined();
  });
});

describe("Debian's grub.cfg", () => {
  const xen = entryOf(captured, 'Xen part of grub.cfg, in full').stdout;

  test('is read too, recovery entries and a cut end included', () => {
    const config = parseGrubConfig(xen);
    const [simple, ...advanced] = config.entries;
    expect(simple?.hypervisor).toEqual({
      file: '/boot/xen-4.17-amd64.gz',
      options: [
        'console=com1',
        'com1=115200',
        'dom0_mem=512M,max:512M',
        'dom0_max_vcpus=1',
        'loglvl=all',
        'guest_loglvl=all',
      ],
    });
    expect(kernelOf(simple ?? wanted(config))).toBe('6.1.0-56-amd64');
    expect(advanced[0]?.within).toHaveLength(2);
  });

  test('tells a plain kernel whose submenu has the id of the one for Xen', () => {
    const plain = `submenu 'Plain' $menuentry_id_option 'same' {\n\tmenuentry 'Linux' $menuentry_id_option 'plain' {\n\t\tlinux /vmlinuz-1 ro\n\t}\n}\n`;
    const both = parseGrubConfig(
      `${plain}${plain.replace("'Plain'", "'Xen'").replace('linux ', 'multiboot2 /xen.gz\n\t\tmodule2 ').replace("'plain'", "'xen'")}`,
    );
    const entry = wanted(both);
    expect(resolveSelector(both, 'same>xen')).toBeUndefined();
    expect(selectorOf(both, entry)).toBe('Xen>Linux');
  });

  test.each([
    ['header of grub.cfg (how the default is chosen)', { fixed: 'Debian GNU/Linux, with Xen hypervisor' }],
    ['how the default is chosen now', 'saved'],
  ])('names its default: %s', (note, defaultEntry) => {
    expect(parseGrubConfig(entryOf(captured, note).stdout).defaultEntry).toEqual(defaultEntry);
  });
});

describe("GRUB's environment", () => {
  test('is read as the real tool lists it', () => {
    const { stdout } = entryOf(captured, 'plain Linux as the default, Xen once');
    expect(parseGrubEnvironment(stdout)).toMatchObject({
      savedEntry: 'gnulinux-simple-f4151b60-54d7-40d9-a2d3-754ea0389dc9',
      nextEntry: 'xen-gnulinux-simple-f4151b60-54d7-40d9-a2d3-754ea0389dc9',
    });
  });

  test('has no next entry after it was used, though the name stays', () => {
    const { stdout } = entryOf(
      captured,
      'after the boot: plain Linux is the default, Xen was chosen once; the machine runs Xen',
    );
    const environment = parseGrubEnvironment(stdout);
    expect(environment.values.get('next_entry')).toBe('');
    expect(environment.nextEntry).toBeUndefined();
  });

  test('may be empty, and keeps a value with signs in it whole', () => {
    expect(parseGrubEnvironment('')).toEqual({ savedEntry: undefined, nextEntry: undefined, values: new Map() });
    expect(parseGrubEnvironment('kernelopts=root=/dev/sda3 ro \nsaved_entry="a" > b\n').savedEntry).toBe('"a" > b');
    expect(parseGrubEnvironment('kernelopts=root=/dev/sda3 ro \n').values.get('kernelopts')).toBe('root=/dev/sda3 ro ');
  });
});
