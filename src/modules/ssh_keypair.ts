import { z } from 'zod';
import { type Change, defineResource, pathOf, run, runShell, textOf } from '../contract/module.ts';
import { PreconditionError } from '../core/errors.ts';
import { formatMode } from '../core/mode.ts';
import { absolutePath } from './parts/attributes.ts';
import { parsePublicKey } from './parts/ssh-keys.ts';

const params = z.strictObject({
  path: absolutePath
    .default('/root/.ssh/id_ed25519')
    .describe('Where the private key is; the public one is beside it, ending in `.pub`.'),
  type: z.enum(['ed25519', 'rsa', 'ecdsa']).default('ed25519').describe('Kind of a new key.'),
  comment: z
    .string()
    .regex(/^[^\n]*$/, 'must be one line')
    .optional()
    .describe('Comment of a new key. `user@host` when absent.'),
});

export const ssh_keypair = defineResource({
  name: 'ssh_keypair',
  summary: 'Have an SSH key pair on the host, made there when missing.',
  params,
  example: '{ path: /root/.ssh/id_ed25519 }',
  notes:
    'The private key is made on the host, without a passphrase, and never leaves it: bench reads the public one alone. Registers `public_key` and `path`. A pair that is there stays, whatever its kind.',

  probe: ({ path }) => [pathOf(path), pathOf(folderOf(path)), textOf(`${path}.pub`)],
  read([key, folder, publicKey], { path }) {
    const line = publicKey.text?.trim();
    if (line !== undefined && line !== '' && !parsePublicKey(line)) {
      throw new PreconditionError(`${path}.pub is no public key of OpenSSH`, `remove it: it is made anew from ${path}`);
    }
    return { key: key.entry, folder: folder.entry, publicKey: line };
  },

  plan({ key, folder, publicKey }, { path, type, comment }): readonly Change[] {
    if (key && key.type !== 'file' && key.type !== 'symlink')
      throw new PreconditionError(`${path} is a ${key.type}, not a key`);
    if (!key) {
      const about = comment === undefined ? [] : ['-C', comment];
      const steps = [
        ...(folder ? [] : [run('mkdir', '-p', '-m', '0700', '--', folderOf(path))]),
        // A public key without its private one is of no use, and ssh-keygen would ask before it replaced it.
        ...(publicKey === undefined ? [] : [run('rm', '-f', '--', `${path}.pub`)]),
        run('ssh-keygen', '-q', '-t', type, '-N', '', ...about, '-f', path),
      ];
      return [{ what: `key pair ${path}`, before: undefined, after: `new ${type} key`, steps }];
    }
    const changes: Change[] = [];
    if (key.type === 'file' && (key.mode & 0o077) !== 0) {
      changes.push({
        what: `mode of ${path}`,
        before: formatMode(key.mode),
        after: '0600',
        steps: [run('chmod', '0600', path)],
      });
    }
    if (!publicKey) {
      const steps = [runShell('ssh-keygen -y -f "$1" >"$1.pub.new" && mv -f -- "$1.pub.new" "$1.pub"', path)];
      changes.push({ what: `public key ${path}.pub`, before: undefined, after: 'derived from the private key', steps });
    }
    return changes;
  },
  result: ({ publicKey }, { path }) => ({ path, public_key: publicKey ?? '' }),
});

function folderOf(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}
