import { z } from 'zod';
import { defineResource } from '../contract/module.ts';
import { PreconditionError } from '../core/errors.ts';
import { absolutePath, attributeParams } from './parts/attributes.ts';
import { joinLines, placeFor, placeParams, splitLines } from './parts/lines.ts';
import { planEdit, probeEdit, readEdit } from './parts/text-edit.ts';
import { isCommand } from './parts/words.ts';

const params = z
  .strictObject({
    path: absolutePath.meta({
      description: 'File on the host. A symbolic link is followed.',
      examples: ['/etc/hosts'],
    }),
    block: z
      .string()
      .default('')
      .meta({
        description: 'The lines between the markers. Empty means the block goes away, with its markers.',
        examples: ['10.0.0.1 xen1\n10.0.0.2 xen2\n'],
      }),
    state: z.enum(['present', 'absent']).default('present').describe('Whether the block shall be there.'),
    marker: z
      .string()
      .refine((text) => text.includes('{mark}'), 'needs {mark}')
      .default('# {mark} bench managed block')
      .describe(
        'The line before and behind the block; `{mark}` stands for `BEGIN` and `END`. Two blocks in a file need two markers.',
      ),
    marker_begin: z.string().default('BEGIN').describe('What `{mark}` is in the first marker.'),
    marker_end: z.string().default('END').describe('What `{mark}` is in the last marker.'),
    ...placeParams,
    create: z.boolean().default(false).describe('Make the file when it is missing.'),
    ...attributeParams,
    validate: z
      .string()
      .refine(isCommand, 'not a command')
      .optional()
      .describe('Command that must accept the new file; `%s` stands for its path.'),
    backup: z
      .boolean()
      .default(false)
      .describe('Keep the old file beside the new one, its name ending in the time and "~".'),
  })
  .refine((task) => task.marker_begin !== task.marker_end, 'the two markers must differ')
  .refine(
    (task) => task.insertafter === undefined || task.insertbefore === undefined,
    'give "insertafter" or "insertbefore"',
  );

type Params = z.infer<typeof params>;

export const blockinfile = defineResource({
  name: 'blockinfile',
  summary: 'Keep a block of lines between two marker lines in a text file.',
  params,
  example: `path: /etc/hosts
block: |
  10.0.0.1 xen1
  10.0.0.2 xen2`,
  notes:
    "A block that is there stays at its place, whatever `insertafter` says. The default marker differs from Ansible's.",

  probe: ({ path }) => probeEdit(path),
  read: (answers, { path }) => readEdit(answers, path),
  plan(file, task) {
    const isWanted = task.state === 'present' && task.block !== '';
    if (file.text === undefined) {
      if (!isWanted) return [];
      if (!task.create) throw new PreconditionError(`there is no ${task.path}`, 'create: true makes it');
    }
    const { mode, owner, group, validate, backup } = task;
    const { lines, lineEnd } = splitLines(file.text ?? '');
    const edited = withBlock(lines, task, isWanted);
    const isSame = edited.length === lines.length && edited.every((line, index) => line === lines[index]);
    const after = isSame && file.text !== undefined ? file.text : joinLines({ lines: edited, lineEnd });
    return planEdit(task.path, file, after, { attributes: { mode, owner, group }, validate, backup });
  },
  isCertain: ({ block, marker }) => !block.includes(marker.split('{mark}')[0] ?? ''),
});

function withBlock(lines: readonly string[], task: Params, isWanted: boolean): readonly string[] {
  const begin = task.marker.replace('{mark}', task.marker_begin);
  const end = task.marker.replace('{mark}', task.marker_end);
  const from = lines.indexOf(begin);
  const to = lines.indexOf(end, from + 1);
  if (from < 0 !== to < 0) {
    const missing = from < 0 ? begin : end;
    throw new PreconditionError(
      `${task.path} has one marker of the block and not the other`,
      `add the line "${missing}" or remove its twin`,
    );
  }
  const block = isWanted ? [begin, ...splitLines(task.block).lines, end] : [];
  if (from >= 0) return lines.toSpliced(from, to - from + 1, ...block);
  return lines.toSpliced(placeFor(lines, task), 0, ...block);
}
