import { mkdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Captured, entryOf, readCaptured } from './captured.ts';
import { type PlayedHost, playHost, type Ran } from './payload.ts';

const create = readCaptured('xen-create.txt');
const host = readCaptured('xen-host.txt');

/** The captured command line of the hypervisor, with which the played host has the captured host's memory. */
const xenCommandLine = /^xen_commandline +: (.*)$/m.exec(entryOf(host, 'xl info').stdout)?.[1] ?? '';

/** The guest of the captures; paths and the disk lie in the played host. */
const guestConfig = entryOf(create, 'the configuration file').stdout;

/** A host booted under Xen, with a bridge, a kernel, a disk and the captured configurations, all in a folder. */
export function playXenHost(knobs: Readonly<Record<string, string>> = {}): PlayedHost {
  const played = playHost({ packages: [['xen']] });
  const { root } = played;
  for (const folder of ['run/mock', 'root/guest', 'sys/class/net/br0/bridge']) {
    mkdirSync(join(root, folder), { recursive: true });
  }
  writeFileSync(join(root, 'run/mock/xen-booted'), `${xenCommandLine}\n`);
  setKnobs(played, { memory_total_mib: '899', shutdown_wait_s: '0', settle_s: '0.4', ...knobs });
  for (const [file, size] of Object.entries({ vmlinuz: 4096, 'guest.cpio.gz': 4096, badkernel: 0, disk: 1 << 22 })) {
    writeFileSync(join(root, 'root/guest', file), '');
    truncateSync(join(root, 'root/guest', file), size);
  }
  return played;
}

export function setKnobs(played: PlayedHost, knobs: Readonly<Record<string, string>>): void {
  const lines = Object.entries(knobs).map(([key, value]) => `${key}=${value}\n`);
  writeFileSync(join(played.root, 'etc/mock/xen.conf'), lines.join(''));
}

/** Writes a configuration made from the captured one by replacing text; returns its path. */
export function writeGuest(
  played: PlayedHost,
  name: string,
  changes: readonly (readonly [string | RegExp, string])[] = [],
  disk = '/root/guest/disk',
): string {
  const file = join(played.root, 'root/guest', name);
  const own = guestConfig.replace(/target=[^']*/, `target=${disk}`);
  const changed = changes.reduce((text, [from, to]) => text.replace(from, to), own);
  writeFileSync(file, changed.replaceAll('/root/guest', join(played.root, 'root/guest')));
  return file;
}

/** Runs a captured command line with its paths in the played host. */
export function runAs(played: PlayedHost, command: string): Promise<Ran> {
  const there = command.replaceAll('/root/guest', join(played.root, 'root/guest'));
  return played.run(there.replaceAll(/\/usr\/lib\/xen-4\.17\/bin\/(?=xl)/g, ''));
}

/** Removes all guests, and with them their processes, before the folder. */
export async function endXenHost(played: PlayedHost): Promise<void> {
  await played.run('for name in $(xl list | awk "NR > 2 { print \\$1 }"); do xl destroy "$name"; done');
  played.remove();
}

/** What is said, without what no two machines share: folders, ids, pids, times, and whether an idle guest blocks now. */
export function normal(text: string, root = '/nowhere'): string {
  return text
    .replace(/\n*--- timeline[\s\S]*$/, '')
    .replaceAll(root, '')
    .replaceAll(/\/usr\S*\/xl(?=:)/g, 'xl')
    .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, 'UUID')
    .replaceAll(/\[\d+\]/g, '[PID]')
    .replaceAll(/(Domain|domain|domid=|\bdom|\/libxl\/|backend\/v\w\w\/|\bd)( ?)\d+/g, '$1$2N')
    .replaceAll(/info 0x3\/0x0\/\d+/g, 'info SIZE')
    .replaceAll(/Xen 4\.\d+/g, 'Xen 4')
    .replaceAll(/0x[0-9a-f]+ > 0x[0-9a-f]+ - 0x[0-9a-f]+/g, 'PAGES')
    .replaceAll(/Device \/\S+ is/g, 'Device is')
    .replaceAll(/pdev_path": ".*"/g, 'pdev_path": "DISK"')
    .replaceAll(/^(\S+ +\d+ .*?)(------|r-----)/gm, (all, row: string) =>
      all.startsWith('Domain-0') ? all : `${row}-b----`,
    )
    .replaceAll(/^(\S+ +\d+ +\d+ +\d+ +)(---|r--)/gm, (all, row: string) =>
      all.startsWith('Domain-0') ? all : `${row}-b-`,
    )
    .replaceAll(/^(\S.*?) +\d+( .*)?$/gm, (line) => line.replaceAll(/ +[\d.:]+(?![\w.])/g, ' #'))
    .trimEnd();
}

export interface Told {
  readonly note: string;
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

export function toldBy(entry: Captured, ran: Ran, root = '/nowhere'): Told {
  return { note: entry.note, exit: ran.exit, stdout: normal(ran.stdout, root), stderr: normal(ran.stderr, root) };
}
