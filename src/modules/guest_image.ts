import { z } from 'zod';
import { type Change, defineResource, pathOf, run, runShell, textOf } from '../contract/module.ts';
import { askShell, type PathEntry } from '../contract/probe.ts';
import { PreconditionError } from '../core/errors.ts';
import { absolutePath } from './parts/attributes.ts';
import { cloneChanges, recordOf } from './parts/image-clones.ts';
import { FETCH, IS_EMPTY, RECORD } from './parts/image-scripts.ts';

const params = z
  .strictObject({
    path: absolutePath.meta({
      description: 'The image. Its SHA-256 is kept beside it, in PATH.sha256.',
      examples: ['/var/lib/bench/guest.img'],
    }),
    build: z
      .array(z.string())
      .min(1)
      .optional()
      .meta({
        description: 'Command that makes it, when it is not there. It must put it in place in one step.',
        examples: [['/usr/local/sbin/bench-build-guest', '/var/lib/bench']],
      }),
    url: z.url().optional().describe('Where to fetch it from, when it is not there. Needs `sha256`.'),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/i, 'not a SHA-256')
      .optional()
      .describe('What its SHA-256 must be.'),
    clones: z
      .array(absolutePath)
      .default([])
      .describe('Files or block devices that each get a copy, one a guest: what stands behind the LUNs.'),
    replace: z
      .boolean()
      .default(false)
      .describe(
        'Whether a clone that holds something else, or a copy of an earlier image, is overwritten. A guest that runs on it loses its disk.',
      ),
  })
  .refine(({ build, url }) => build === undefined || url === undefined, 'give "build" or "url", not both')
  .refine(
    ({ url, sha256 }) => url === undefined || sha256 !== undefined,
    'an image that is fetched needs its "sha256"',
  );

export const guest_image = defineResource({
  name: 'guest_image',
  summary: 'Make one guest image, or fetch it, and give an equal copy of it to every guest.',
  params,
  example:
    '{ path: /var/lib/bench/guest.img, build: [/usr/local/sbin/bench-build-guest, /var/lib/bench], clones: [/var/lib/bench/luns/g1.img, /var/lib/bench/luns/g2.img] }',
  notes:
    'Guests write to their disks, so a copy equals the image only when it is made: that is checked then, and kept in PATH.clones/. A clone without such a record is written only when its first MiB is empty, unless replace is true.',
  isSlow: true,

  probe: ({ path, clones }) => [
    pathOf(path),
    textOf(`${path}.sha256`),
    ...clones.map((clone) => textOf(recordOf(path, clone))),
    ...clones.map((clone) => pathOf(clone)),
    ...clones.map((clone) => askShell(IS_EMPTY, clone)),
  ],

  read([image, record, ...rest], { clones }) {
    const at = (index: number) => rest[index];
    return {
      image: image.entry,
      sha256: firstWord(record.text),
      clones: clones.map((clone, index) => {
        const [copied, entry, empty] = [at(index), at(clones.length + index), at(2 * clones.length + index)];
        return {
          clone,
          copied: copied?.kind === 'text' ? firstWord(copied.text) : undefined,
          entry: entry?.kind === 'path' ? entry.entry : undefined,
          isEmpty: empty?.kind === 'command' && empty.code === 0,
        };
      }),
    };
  },

  plan(state, task) {
    const { path, sha256, replace } = task;
    const known = state.image ? state.sha256 : undefined;
    if (known !== undefined && sha256 !== undefined && known !== sha256.toLowerCase()) {
      throw new PreconditionError(
        `${path} has SHA-256 ${known}, not the one asked for`,
        `rm ${path} ${path}.sha256 lets it be made again`,
      );
    }
    return [
      ...imageChanges(state.image, known, task),
      ...state.clones.flatMap((clone) => cloneChanges(clone, known, path, replace)),
    ];
  },

  result: ({ sha256 }, { path, clones }) => ({ path, sha256: sha256 ?? null, clones }),
});

type Params = z.infer<typeof params>;

function imageChanges(
  image: PathEntry | undefined,
  known: string | undefined,
  { path, build, url, sha256 = '' }: Params,
): readonly Change[] {
  if (image && known !== undefined) return [];
  const recorded = { what: `${path}.sha256`, before: undefined, after: 'recorded', steps: [runShell(RECORD, path)] };
  if (image) return [recorded];
  if (!build && url === undefined) {
    throw new PreconditionError(
      `${path} is not there, and nothing says how to make it`,
      'give build, or url and sha256',
    );
  }
  const made = build ? [{ ...run(...build) }] : [runShell(FETCH, path, url ?? '', sha256.toLowerCase())];
  return [
    {
      what: path,
      before: undefined,
      after: build ? 'built' : `fetched from ${url}`,
      steps: [run('mkdir', '-p', folderOf(path)), ...made],
    },
    recorded,
  ];
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/';
}

function firstWord(text: string | undefined): string | undefined {
  return text === undefined ? undefined : /^[0-9a-f]{64}/.exec(text)?.[0];
}
