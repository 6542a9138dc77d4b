import { z } from 'zod';
import { defineResource } from '../contract/module.ts';
import { PreconditionError } from '../core/errors.ts';
import { absolutePath, attributeParams } from './parts/attributes.ts';
import { joinLines, lastMatch, pattern, placeFor, placeParams, splitLines } from './parts/lines.ts';
import { planEdit, probeEdit, readEdit } from './parts/text-edit.ts';
import { isCommand } from './parts/words.ts';

const params = z
  .strictObject({
    path: absolutePath.meta({
      description: 'File on the host. A symbolic link is followed.',
      examples: ['/etc/default/grub'],
    }),
    line: z
      .string()
      .optional()
      .meta({
        description: 'The line. With `state: absent` and no `regexp`, lines equal to it go away.',
        examples: ['GRUB_DEFAULT=saved'],
      }),
    regexp: pattern.optional().meta({
      description:
        'The last line that this regular expression finds is replaced by `line`; with `state: absent` all that it finds go away.',
      examples: ['^GRUB_DEFAULT='],
    }),
    state: z.enum(['present', 'absent']).default('present').describe('Whether the line shall be there.'),
    backrefs: z
      .boolean()
      .default(false)
      .describe(
        '`line` may hold `\\1`, `\\2`, … for the groups of `regexp`; where that finds nothing, nothing changes.',
      ),
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
  .refine(
    ({ state, line, regexp }) => line !== undefined || (state === 'absent' && regexp !== undefined),
    '"line" is needed',
  )
  .refine(({ line }) => !line?.includes('\n'), '"line" is one line: see blockinfile')
  .refine(({ backrefs, regexp }) => !backrefs || regexp !== undefined, '"backrefs" needs "regexp"')
  .refine(
    (task) => task.insertafter === undefined || task.insertbefore === undefined,
    'give "insertafter" or "insertbefore"',
  );

type Params = z.infer<typeof params>;

export const lineinfile = defineResource({
  name: 'lineinfile',
  summary: 'Keep one line in a text file, or keep it out.',
  params,
  example: "{ path: /etc/default/grub, regexp: '^GRUB_DEFAULT=', line: GRUB_DEFAULT=saved }",
  notes:
    'Regular expressions are those of JavaScript, and look for a match anywhere in the line. A `line` that its own `regexp` does not find would be added at every run: that is the failure "did not converge". There is no `search_string` and no `firstmatch`.',

  probe: ({ path }) => probeEdit(path),
  read: (answers, { path }) => readEdit(answers, path),
  plan(file, task) {
    if (file.text === undefined) {
      if (task.state === 'absent') return [];
      if (!task.create) throw new PreconditionError(`there is no ${task.path}`, 'create: true makes it');
    }
    const { mode, owner, group, validate, backup } = task;
    const { lines, lineEnd } = splitLines(file.text ?? '');
    const edited = task.state === 'absent' ? withoutLine(lines, task) : withLine(lines, task);
    const after = edited === lines && file.text !== undefined ? file.text : joinLines({ lines: edited, lineEnd });
    return planEdit(task.path, file, after, { attributes: { mode, owner, group }, validate, backup });
  },
  isCertain: ({ state, line = '', regexp, backrefs }) =>
    state === 'absent' || regexp === undefined || (!backrefs && new RegExp(regexp).test(line)),
});

/** The same list where nothing is to be done. */
function withLine(lines: readonly string[], task: Params): readonly string[] {
  const { line = '', regexp } = task;
  const at = regexp === undefined ? lines.lastIndexOf(line) : lastMatch(lines, regexp);
  const found = lines[at];
  if (found !== undefined) {
    const wanted = task.backrefs && regexp !== undefined ? expand(found, regexp, line) : line;
    return wanted === found ? lines : lines.with(at, wanted);
  }
  return task.backrefs ? lines : lines.toSpliced(placeFor(lines, task), 0, line);
}

function withoutLine(lines: readonly string[], { line, regexp }: Params): readonly string[] {
  const expression = regexp === undefined ? undefined : new RegExp(regexp);
  const kept = lines.filter((text) => !(expression ? expression.test(text) : text === line));
  return kept.length === lines.length ? lines : kept;
}

function expand(found: string, regexp: string, line: string): string {
  const groups = new RegExp(regexp).exec(found);
  return line.replace(/\\(?:g<(\w+)>|(\d))/g, (_, name?: string, digit?: string) => {
    const named = name === undefined ? undefined : groups?.groups?.[name];
    return named ?? groups?.[Number(name ?? digit)] ?? '';
  });
}
