import { z } from 'zod';
import { type Change, defineResource, pathOf, run, type Step } from '../contract/module.ts';
import type { EntryType, PathEntry, Probe } from '../contract/probe.ts';
import { PreconditionError } from '../core/errors.ts';
import { formatMode } from '../core/mode.ts';
import { type Attributes, absolutePath, attributeParams, planAttributes, targetMode } from './parts/attributes.ts';
import { assertTreeRead, planTree, probeTree, readTree } from './parts/tree.ts';

const params = z
  .strictObject({
    path: absolutePath.meta({ description: 'Path on the host.', examples: ['/var/lib/bench'] }),
    state: z
      .enum(['file', 'directory', 'link', 'absent', 'touch'])
      .optional()
      .describe(
        'What shall stand there; `touch` makes an empty file when nothing does. When absent, what is there stays and gets the attributes.',
      ),
    src: z.string().optional().describe('Where a `link` points, as it is to be written into the link.'),
    ...attributeParams,
    recurse: z.boolean().default(false).describe('Give mode, owner and group to all that is below a directory too.'),
    force: z.boolean().default(false).describe('Let a `link` take the place of a file.'),
  })
  .refine(({ state, src }) => (state === 'link') === (src !== undefined), 'state "link" and "src" need each other')
  .refine(({ state, recurse }) => !recurse || state === 'directory', '"recurse" needs state "directory"');

export const file = defineResource({
  name: 'file',
  summary: 'Make a directory, a link or an empty file, set mode and owner, or remove what is there.',
  params,
  example: "{ path: /var/lib/bench, state: directory, mode: '0755', owner: root }",
  notes:
    '`touch` leaves the times of a file that is there (Ansible sets them anew). Folders made on the way to a `directory` get the default mode; the last one gets `mode`. There is no state `hard`.',

  probe: ({ path, recurse, mode, owner, group }): readonly Probe[] =>
    recurse ? [pathOf(path), probeTree(path, { mode, owner, group })] : [pathOf(path)],

  read(answers, { path }) {
    const entry = answers.find((answer) => answer.kind === 'path')?.entry;
    const tree = answers.find((answer) => answer.kind === 'command');
    if (entry?.type === 'directory') assertTreeRead(tree, path);
    return { entry, below: readTree(tree) };
  },

  plan({ entry, below }, { path, state, src, force, mode, owner, group }): readonly Change[] {
    const attributes: Attributes = { mode, owner, group };
    switch (state) {
      case 'absent':
        return entry
          ? [{ what: path, before: entry.type, after: undefined, steps: [run('rm', '-rf', '--', path)] }]
          : [];
      case 'link':
        return planLink(path, src ?? '', entry, { attributes, force });
      case 'directory':
        if (!entry) return [creation(path, 'directory', attributes, run('mkdir', '-p', '--', path))];
        assertType(path, entry, 'directory');
        return [...planAttributes(path, entry, attributes), ...planTree(path, below, attributes)];
      case 'touch':
        if (!entry) return [creation(path, 'file', attributes, run('touch', '--', path))];
        return planAttributes(path, entry, attributes);
      default:
        if (!entry)
          throw new PreconditionError(`nothing stands at ${path}`, 'state "directory" or "touch" would make it');
        if (state === 'file') assertType(path, entry, 'file');
        return planAttributes(path, entry, attributes);
    }
  },

  isCertain: () => true,
  result: ({ entry }, { path }) => ({
    path,
    state: entry?.type ?? 'absent',
    mode: entry ? formatMode(entry.mode) : null,
    owner: entry?.owner ?? null,
    group: entry?.group ?? null,
  }),
});

function assertType(path: string, entry: PathEntry, type: EntryType): void {
  if (entry.type !== type)
    throw new PreconditionError(`${path} is a ${entry.type}, not a ${type}`, 'state "absent" removes it first');
}

function creation(path: string, type: 'file' | 'directory', { mode, owner, group }: Attributes, make: Step): Change {
  const steps: Step[] = [make];
  const target = mode === undefined ? undefined : formatMode(targetMode(mode, type === 'file' ? 0o644 : 0o755, type));
  if (owner !== undefined) steps.push(run('chown', String(owner), path));
  if (group !== undefined) steps.push(run('chgrp', String(group), path));
  if (target !== undefined) steps.push(run('chmod', `0${target}`, path));
  const account = owner === undefined && group === undefined ? [] : [`${owner ?? ''}:${group ?? ''}`];
  return {
    what: `${type} ${path}`,
    before: undefined,
    after: [type, ...(target ? [target] : []), ...account].join(' '),
    steps,
  };
}

function planLink(
  path: string,
  src: string,
  entry: PathEntry | undefined,
  { attributes, force }: { readonly attributes: Attributes; readonly force: boolean },
): Change[] {
  if (entry && entry.type !== 'symlink' && !(force && entry.type === 'file')) {
    const hint = entry.type === 'file' ? 'force: true replaces it' : 'state "absent" removes it first';
    throw new PreconditionError(`${path} is a ${entry.type}, not a link`, hint);
  }
  if (entry?.type === 'symlink' && entry.target === src) return planAttributes(path, entry, attributes);
  const steps: Step[] = [run('ln', '-sfn', '--', src, path)];
  const { owner, group } = attributes;
  if (owner !== undefined) steps.push(run('chown', '-h', String(owner), path));
  if (group !== undefined) steps.push(run('chgrp', '-h', String(group), path));
  return [{ what: `link ${path}`, before: entry && (entry.target ?? entry.type), after: src, steps }];
}
