import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type Docker from 'dockerode';
import { allOf } from './all-of.ts';
import { isAbsent, isInUse, toLabError } from './engine.ts';
import { runTool } from './run-tool.ts';
import { digestOfSources, readSourceTree } from './source-tree.ts';

export interface ImageOptions {
  /** Root of bench's own files. */
  readonly repository: string;
  /** A folder for what is costly to make again. */
  readonly cache: string;
  report(line: string): void;
  readonly signal: AbortSignal;
}

/** The mock hosts' image as the files of lab/mock describe it, built where the engine lacks it. Answers its name. */
export async function ensureMockImage(engine: Docker, options: ImageOptions): Promise<string> {
  const imageSources = join(options.repository, 'lab/mock/image');
  const packageSources = join(options.repository, 'lab/mock/rpms');
  const [image, packages] = await Promise.all([readSourceTree(imageSources), readSourceTree(packageSources)]);
  const tag = `bench-mock:${digestOfSources(image, digestOfSources(packages))}`;
  if (await hasImage(engine, tag)) return tag;

  await mkdir(options.cache, { recursive: true });
  const context = await mkdtemp(join(tmpdir(), 'bench-mock-'));
  try {
    const [rootfs] = await allOf([ensureRootfs(engine, options), makeRepository(join(context, 'repository'), options)]);
    options.report(`building ${tag}`);
    await cp(imageSources, context, { recursive: true });
    const src = ['Dockerfile', 'files', 'preinstalled', 'repository'];
    const buildargs = { ROOTFS: rootfs };
    await finished(engine, await engine.buildImage({ context, src }, { t: tag, buildargs, forcerm: true }));
  } finally {
    await rm(context, { recursive: true, force: true });
  }
  await removeOutdated(engine, tag);
  return tag;
}

/** Images of earlier versions of lab/mock, where no host is made of them. */
async function removeOutdated(engine: Docker, current: string): Promise<void> {
  const images = await engine.listImages({ filters: { reference: ['bench-mock'] } });
  const outdated = images.flatMap(({ RepoTags }) => RepoTags ?? []).filter((tag) => tag !== current);
  await Promise.all(
    outdated.map((tag) =>
      engine
        .getImage(tag)
        .remove()
        .catch((error: unknown) => {
          if (!isAbsent(error) && !isInUse(error)) throw error;
        }),
    ),
  );
}

async function ensureRootfs(engine: Docker, { repository, cache, report, signal }: ImageOptions): Promise<string> {
  const folder = join(repository, 'lab/mock/image');
  const inputs = (await readSourceTree(folder)).filter(({ path }) => path === 'rootfs.sh' || path === 'packages');
  const digest = digestOfSources(inputs);
  const tag = `bench-mock-rootfs:${digest}`;
  if (await hasImage(engine, tag)) return tag;
  const archive = join(cache, `mock-rootfs-${digest}.tar`);
  if (!existsSync(archive)) {
    report('building the root file system of the mock hosts (about a minute, once)');
    await runTool(join(folder, 'rootfs.sh'), [archive], signal);
  }
  await finished(engine, await engine.importImage(archive, { repo: 'bench-mock-rootfs', tag: digest }));
  return tag;
}

/** A dnf repository of every folder of lab/mock/rpms that has a spec; packages of unchanged folders come from the cache. */
async function makeRepository(target: string, { repository, cache, report, signal }: ImageOptions): Promise<void> {
  const root = join(repository, 'lab/mock/rpms');
  const builder = join(repository, 'lab/mock/image/package.sh');
  const salt = digestOfSources((await readSourceTree(join(builder, '..'))).filter(({ path }) => path === 'package.sh'));
  await mkdir(target, { recursive: true });
  await Promise.all(
    (await readdir(root)).sort().map(async (name) => {
      const sources = await readSourceTree(join(root, name));
      if (!sources.some(({ path }) => path.endsWith('.spec'))) return;
      const built = join(cache, `rpms-${name}-${digestOfSources(sources, salt)}`);
      if (!existsSync(built)) {
        report(`packaging ${name}`);
        await runTool(builder, [join(root, name), built], signal);
      }
      await cp(built, target, { recursive: true });
    }),
  );
  await runTool('createrepo_c', ['--quiet', '--no-database', target], signal);
}

async function hasImage(engine: Docker, tag: string): Promise<boolean> {
  try {
    await engine.getImage(tag).inspect();
    return true;
  } catch (error) {
    if (isAbsent(error)) return false;
    throw error;
  }
}

/** Waits for the end of a build or an import, whose errors come as lines of the stream. */
function finished(engine: Docker, stream: NodeJS.ReadableStream): Promise<void> {
  return new Promise((resolve, reject) => {
    const said: string[] = [];
    engine.modem.followProgress(
      stream,
      (error) => {
        if (error === null) resolve();
        else reject(toLabError('image of the mock hosts', [...said.slice(-12), error.message].join('\n'), error));
      },
      (line: { readonly stream?: string }) => {
        if (line.stream !== undefined && line.stream.trim() !== '') said.push(line.stream.trim());
      },
    );
  });
}
