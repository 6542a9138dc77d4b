import { z } from 'zod';
import { defineResource } from '../contract/module.ts';
import { absolutePath, attributeParams } from './parts/attributes.ts';
import {
  contentOf,
  contentOfInput,
  fileParams,
  fileResult,
  pathInFolder,
  planFile,
  probeFile,
  readFile,
} from './parts/file-content.ts';

const params = z
  .strictObject({
    src: z
      .string()
      .min(1)
      .optional()
      .meta({
        description: 'File of the controller, looked for in `files/` beside the playbook and beside it.',
        file: 'file',
        examples: ['files/motd'],
      }),
    content: z.union([z.string(), z.number(), z.boolean()]).optional().describe('The text itself, instead of `src`.'),
    dest: absolutePath.meta({
      description: 'Where it goes on the host. With a final "/" into that folder, under the name of `src`.',
      examples: ['/etc/motd'],
    }),
    ...attributeParams,
    ...fileParams,
  })
  .refine(({ src, content }) => (src === undefined) !== (content === undefined), 'give either "src" or "content"')
  .refine(
    ({ src, dest }) => src !== undefined || !dest.endsWith('/'),
    '"content" has no name: "dest" must name a file',
  );

type Params = z.infer<typeof params>;

export const copy = defineResource({
  name: 'copy',
  summary: 'Put a file of the controller, or a text, onto the host.',
  params,
  example: "{ src: files/motd, dest: /etc/motd, mode: '0644' }",
  notes: 'Copies one file, never a folder. A symbolic link at `dest` is replaced, not followed.',

  inputs: ({ src }) => (src === undefined ? [] : [{ kind: 'file', path: src }]),
  probe: (task, inputs) => probeFile(pathInFolder(task.dest, task.src), contentFor(task, inputs).sizeBytes),
  read: (answers) => readFile(answers),
  plan(state, task, inputs) {
    const { mode, owner, group, validate, backup, force } = task;
    const path = pathInFolder(task.dest, task.src);
    const attributes = { mode, owner, group };
    return planFile(state, {
      path,
      attributes,
      validate,
      backup,
      onlyWhenMissing: !force,
      ...contentFor(task, inputs),
    });
  },
  isCertain: () => true,
  result: (state, { dest, src }) => fileResult(pathInFolder(dest, src), state),
});

function contentFor({ content }: Params, inputs: Parameters<typeof contentOfInput>[0]) {
  return content === undefined ? contentOfInput(inputs) : contentOf(String(content));
}
