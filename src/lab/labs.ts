import { existsSync } from 'node:fs';
import { cp, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { allOf } from './all-of.ts';
import { ensureHost, ensureShared, type HostChange, type LabHost, listHosts, removeMockLab } from './containers.ts';
import { connectEngine } from './engine.ts';
import { ensureMockImage } from './mock-image.ts';
import { renderKnownHosts, renderMockInventory } from './mock-inventory.ts';
import { type MockHost, planMockLab } from './mock-plan.ts';
import { waitForHost } from './readiness.ts';
import { runTool } from './run-tool.ts';

export interface LabOptions {
  readonly kind: 'mock';
  /** The folder for what bench keeps, `.bench`. */
  readonly directory: string;
  /** Root of bench's own files. */
  readonly repository: string;
  report(line: string): void;
  readonly signal: AbortSignal;
}

export interface LabUpOptions extends LabOptions {
  readonly xenHosts: number;
}

export interface LabStatus {
  readonly kind: 'mock';
  readonly hosts: readonly LabHost[];
  /** An inventory of exactly these hosts. */
  readonly inventory: string;
}

const words: Readonly<Record<HostChange, string>> = {
  created: 'is up',
  started: 'is up again',
  kept: 'was up',
  outdated: 'was up, made of an older image: `bench lab down` first to renew it',
};

/**
 * The lab, running and reachable with the key and host keys in `<directory>/labs/mock`. What is there is kept, what is missing is
 * made: a second call does nothing, one with more hosts adds them. Fewer hosts than there are leave the others alone.
 */
export async function labUp(options: LabUpOptions): Promise<LabStatus> {
  const { repository, directory, report, signal } = options;
  const engine = await connectEngine();
  const fullHosts = (await listHosts(engine)).filter(({ weight }) => weight === 'full').length;
  const plan = planMockLab(options.xenHosts, { inotifyLimit: await inotifyLimit(), fullHosts });
  const folder = labFolder(directory);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const [image, authorizedKey] = await allOf([
    ensureMockImage(engine, { repository, cache: join(directory, 'cache'), report, signal }),
    ensureKeyPair(folder, signal),
    ensureShared(engine),
  ]);
  const ready = await allOf(
    plan.hosts.map(async (host) => {
      signal.throwIfAborted();
      const done = await ensureHost(engine, image, host, plan.weight);
      const answered = await waitForHost(engine, host, authorizedKey, signal);
      report(`${host.name} ${words[done]} (ssh port ${host.sshPort})`);
      if (answered.failedUnits.length > 0) report(`${host.name}: failed units: ${answered.failedUnits.join(' ')}`);
      return answered;
    }),
  );
  await replaceFile(join(folder, 'known_hosts'), renderKnownHosts(ready));
  await replaceFile(inventoryPath(folder), await inventoryText(repository, plan.hosts));
  // Variables of groups are read beside the inventory: a lab of another size has those of the shipped one.
  await cp(join(repository, 'inventory/group_vars'), join(folder, 'group_vars'), { recursive: true });
  return {
    kind: 'mock',
    hosts: await listHosts(engine),
    inventory: inventoryPath(folder),
  };
}

/** Nothing of the lab is left but the image and the cache, from which it starts again quickly. */
export async function labDown({ directory, report }: LabOptions): Promise<void> {
  const removed = await removeMockLab(await connectEngine());
  await rm(labFolder(directory), { recursive: true, force: true });
  report(removed === 0 ? 'there was no mock lab' : `removed ${removed} hosts`);
}

/** The hosts that there are, whoever made them. */
export async function labStatus({ directory }: LabOptions): Promise<LabStatus> {
  const hosts = await listHosts(await connectEngine());
  return { kind: 'mock', hosts, inventory: inventoryPath(labFolder(directory)) };
}

const labFolder = (directory: string): string => join(directory, 'labs/mock');
const inventoryPath = (folder: string): string => join(folder, 'inventory.ini');

async function inventoryText(repository: string, hosts: readonly MockHost[]): Promise<string> {
  const template = await readFile(join(repository, 'inventory/mock.ini'), 'utf8');
  return renderMockInventory(template, hosts, '../.bench/labs/mock/');
}

/** The public half of the lab's key, which is made once. */
async function ensureKeyPair(folder: string, signal: AbortSignal): Promise<string> {
  const path = join(folder, 'id_ed25519');
  if (!existsSync(path)) {
    await runTool('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'bench-mock-lab', '-f', path], signal);
  }
  return (await readFile(`${path}.pub`, 'utf8')).trim();
}

/** The engine is taken to be on this machine: its kernel's limit is ours. */
async function inotifyLimit(): Promise<number> {
  const path = '/proc/sys/fs/inotify/max_user_instances';
  return existsSync(path) ? Number(await readFile(path, 'utf8')) : 128;
}

async function replaceFile(path: string, content: string): Promise<void> {
  await writeFile(`${path}.new`, content);
  await rename(`${path}.new`, path);
}
