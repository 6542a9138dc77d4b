import { z } from 'zod';
import { defineResource } from '../contract/module.ts';
import { linesOf } from '../core/text.ts';
import { absolutePath } from './parts/attributes.ts';
import { namesHost, withoutHost } from './parts/host-names.ts';
import { isComment, isSameKey, type PublicKey, parsePublicKey } from './parts/ssh-keys.ts';
import { planEdit, probeEdit, readEdit } from './parts/text-edit.ts';

const params = z
  .strictObject({
    name: z
      .string()
      .regex(/^[^\s,|#]+$/, 'not a name of a host')
      .meta({
        description: 'Name or address by which the host is called; with a port other than 22 as `[name]:port`.',
        examples: ['xen2', '[xen2]:2222'],
      }),
    key: z
      .union([z.string(), z.array(z.string())])
      .optional()
      .refine((key) => keysIn(key).every((found) => found !== undefined), 'not a public key of OpenSSH')
      .meta({
        description:
          "Its public keys: one, several as lines, or a list. A host's name before the key is not looked at.",
        examples: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL0hYm'],
      }),
    path: absolutePath.default('/etc/ssh/ssh_known_hosts').describe('The file, by default the one of all users.'),
    state: z
      .enum(['present', 'absent'])
      .default('present')
      .describe('Whether the host is known by these keys. `absent` forgets all its keys.'),
  })
  .refine(({ state, key }) => state === 'absent' || keysIn(key).length > 0, '"key" is needed');

export const known_hosts = defineResource({
  name: 'known_hosts',
  summary: 'Know a host by its public keys, so that ssh does not ask.',
  params,
  example: `name: xen2
key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL0hYmT0qC5w5kXc3u2mZ3b8w1x2y3z4A5B6C7D8E9F0`,
  notes:
    'Another key of the same type under that name goes away: it is what makes ssh refuse. Hashed names are understood; new lines are written with the name in the clear.',

  probe: ({ path }) => probeEdit(path),
  read: (answers, { path }) => readEdit(answers, path),
  plan(file, { path, name, key, state }) {
    const before = linesOf(file.text ?? '');
    const wanted = state === 'present' ? keysIn(key).filter((found) => found !== undefined) : [];
    const after =
      state === 'present' ? knowing(before, name, wanted) : before.flatMap((line) => forgetting(line, name));
    if (after.length === before.length && after.every((line, index) => line === before[index])) {
      return file.text === undefined ? [] : planEdit(path, file, file.text);
    }
    return planEdit(path, file, after.map((line) => `${line}\n`).join(''));
  },
  result: (_file, { path, name }) => ({ path, name }),
});

function keysIn(key: string | readonly string[] | undefined): readonly (PublicKey | undefined)[] {
  return [key ?? []]
    .flat()
    .flatMap(linesOf)
    .filter((line) => !isComment(line))
    .map(parsePublicKey);
}

function knowing(lines: readonly string[], name: string, wanted: readonly PublicKey[]): readonly string[] {
  const missing = [...wanted];
  const kept = lines.flatMap((line) => {
    const key = isComment(line) ? undefined : parsePublicKey(line);
    if (!key || isMarked(line) || !namesHost(fieldOf(line), name)) return [line];
    const at = missing.findIndex((each) => isSameKey(each, key));
    if (at >= 0) {
      missing.splice(at, 1);
      return [line];
    }
    return wanted.some((each) => each.type === key.type && !isSameKey(each, key)) ? forgetting(line, name) : [line];
  });
  return [...kept, ...missing.map(({ type, base64 }) => `${name} ${type} ${base64}`)];
}

/** The line without the host, none when it named nobody else. */
function forgetting(line: string, name: string): readonly string[] {
  if (isComment(line) || isMarked(line) || !namesHost(fieldOf(line), name)) return [line];
  const field = fieldOf(line);
  const others = withoutHost(field, name);
  return others === '' ? [] : [others + line.slice(line.indexOf(field) + field.length)];
}

/** Lines of authorities and of revoked keys are somebody else's business. */
function isMarked(line: string): boolean {
  return line.trimStart().startsWith('@');
}

function fieldOf(line: string): string {
  return line.trim().split(/\s/, 1)[0] ?? '';
}
