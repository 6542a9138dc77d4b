import { z } from 'zod';
import { defineResource } from '../contract/module.ts';
import { absolutePath, attributeParams } from './parts/attributes.ts';
import {
  contentOfInput,
  fileParams,
  fileResult,
  pathInFolder,
  planFile,
  probeFile,
  readFile,
} from './parts/file-content.ts';

const params = z.strictObject({
  src: z
    .string()
    .min(1)
    .meta({
      description:
        'Handlebars template of the controller, looked for in `templates/` beside the playbook and beside it.',
      file: 'template',
      examples: ['chrony.conf.hbs'],
    }),
  dest: absolutePath.meta({
    description:
      'Where the rendered text goes. With a final "/" into that folder, under the name of `src` without `.hbs`.',
    examples: ['/etc/chrony.conf'],
  }),
  ...attributeParams,
  ...fileParams,
});

export const template = defineResource({
  name: 'template',
  summary: 'Render a template with the variables of the task and put it onto the host.',
  params,
  example: "{ src: chrony.conf.hbs, dest: /etc/chrony.conf, mode: '0644' }",
  notes: 'Templates are Handlebars, not Jinja2. A symbolic link at `dest` is replaced, not followed.',

  inputs: ({ src }) => [{ kind: 'template', path: src }],
  probe: ({ dest, src }, inputs) => probeFile(targetOf(dest, src), contentOfInput(inputs).sizeBytes),
  read: (answers) => readFile(answers),
  plan(state, { src, dest, mode, owner, group, validate, backup, force }, inputs) {
    const path = targetOf(dest, src);
    const attributes = { mode, owner, group };
    return planFile(state, { path, attributes, validate, backup, onlyWhenMissing: !force, ...contentOfInput(inputs) });
  },
  isCertain: () => true,
  result: (state, { dest, src }) => fileResult(targetOf(dest, src), state),
});

function targetOf(dest: string, src: string): string {
  return pathInFolder(dest, src.replace(/\.hbs$/, ''));
}
