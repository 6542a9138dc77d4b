import { z } from 'zod';
import { defineAction, digestOf, textOf } from '../contract/module.ts';
import { sha256 } from '../core/digest.ts';
import { BenchError, PreconditionError } from '../core/errors.ts';
import { absolutePath } from './parts/attributes.ts';

const params = z.strictObject({
  src: absolutePath.meta({ description: 'File on the host.', examples: ['/boot/grub2/grub.cfg'] }),
  dest: z
    .string()
    .min(1)
    .meta({
      description: 'Folder of the controller, counted from the playbook: the file goes to `DEST/HOST/SRC`. See `flat`.',
      examples: ['fetched/'],
    }),
  flat: z
    .boolean()
    .default(false)
    .describe('`dest` is the file itself, or with a final "/" the folder that it goes into under its own name.'),
  fail_on_missing: z.boolean().default(true).describe('Fail when the file is not there.'),
});

export const fetch = defineAction({
  name: 'fetch',
  summary: 'Bring a file of the host to the controller.',
  params,
  example: '{ src: /boot/grub2/grub.cfg, dest: fetched/ }',
  notes:
    'The file is held in memory meanwhile: for configuration and logs, not for images. Ok when the controller has the same file already.',

  describe: ({ src, dest }) => `bring ${src} to ${dest}`,
  async perform(host, task, signal) {
    const { src, fail_on_missing } = task;
    const target = targetOf(host.name, task);
    const [digest] = await host.ask([digestOf(src)], signal);
    if (digest.sha256 === undefined) {
      const msg = `there is no readable file ${src} on ${host.name}`;
      if (fail_on_missing) throw new PreconditionError(msg, 'fail_on_missing: false lets it be');
      return { changed: false, data: { msg } };
    }
    const data = { src, dest: target, checksum: digest.sha256 };
    if ((await host.savedDigest?.(target)) === digest.sha256) return { changed: false, data };
    const [content] = await host.ask([textOf(src)], signal);
    if (!content.bytes || sha256(content.bytes) !== digest.sha256) {
      throw new BenchError('E_FILE_CHANGED', `${src} changed while it was fetched`, { hint: 'run it again' });
    }
    const dest = await host.saveFile(target, content.bytes);
    return { changed: true, data: { ...data, dest }, notes: [`${src} -> ${dest}`] };
  },
});

function targetOf(host: string, { src, dest, flat }: z.infer<typeof params>): string {
  if (!flat) return `${dest.replace(/\/+$/, '')}/${host}${src}`;
  return dest.endsWith('/') ? dest + src.slice(src.lastIndexOf('/') + 1) : dest;
}
