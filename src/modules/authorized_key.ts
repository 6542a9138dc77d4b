import { z } from 'zod';
import { askShell, bytesOf, type Change, defineResource, run, type Step } from '../contract/module.ts';
import type { CommandAnswer } from '../contract/probe.ts';
import { BenchError, PreconditionError } from '../core/errors.ts';
import { linesOf } from '../core/text.ts';
import { accountName } from './parts/accounts.ts';
import { beforeKey, isComment, isSameKey, parsePublicKey } from './parts/ssh-keys.ts';

const params = z.strictObject({
  user: accountName.meta({ description: 'Whose account the key opens.', examples: ['root'] }),
  key: z
    .union([z.string(), z.array(z.string())])
    .refine((key) => keyLines(key).every((line) => parsePublicKey(line) !== undefined), 'not a public key of OpenSSH')
    .meta({
      description: 'Public key, or several as lines or as a list.',
      examples: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL0hYm root@xen1'],
    }),
  state: z.enum(['present', 'absent']).default('present').describe('Whether the keys open the account.'),
  exclusive: z.boolean().default(false).describe('No other key than these may stand in the file.'),
  key_options: z
    .string()
    .optional()
    .meta({ description: 'Options before each key, as in sshd(8).', examples: ['from="10.0.0.0/24"'] }),
});

type Params = z.infer<typeof params>;

interface KeyFile {
  readonly home: string;
  readonly group: string;
  /** Permission bits and owner as stat(1) prints them; undefined when missing. */
  readonly folder: string | undefined;
  readonly file: string | undefined;
  readonly text: string;
}

/** `~/.ssh` is known only on the host: the first line tells the home, the next two what stands there, the rest is the file. */
const QUESTION = `entry=$(getent passwd "$1"); code=$?; [ $code -eq 0 ] || exit $code
home=$(printf '%s' "$entry" | cut -d: -f6)
printf '%s\\n%s\\n' "$home" "$(id -gn -- "$1")"
for path in "$home/.ssh" "$home/.ssh/authorized_keys"; do
  stat -L -c '%a %U' -- "$path" 2>/dev/null || echo missing
done
cat -- "$home/.ssh/authorized_keys" 2>/dev/null || true`;

export const authorized_key = defineResource({
  name: 'authorized_key',
  summary: 'Let the owner of an SSH key log in to an account, or no longer.',
  params,
  example: `user: root
key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIL0hYmT0qC5w5kXc3u2mZ3b8w1x2y3z4A5B6C7D8E9F0 root@xen1`,
  notes:
    'The file is `~/.ssh/authorized_keys`; folder and file get the modes that sshd asks for (0700, 0600). Keys are compared without their comments. `key` is no address and no file name.',

  probe: ({ user }) => [askShell(QUESTION, user)],
  read: ([answer], { user }) => readKeyFile(answer, user),

  plan(state, { user, key, state: wanted, exclusive, key_options }): readonly Change[] {
    const folder = `${state.home}/.ssh`;
    const path = `${folder}/authorized_keys`;
    const before = linesOf(state.text);
    const after = editKeys(before, { keys: keyLines(key), wanted, exclusive, key_options });
    if (wanted === 'absent' && state.file === undefined) return [];
    const changes: Change[] = [];
    if (state.folder !== `700 ${user}`) {
      const steps: Step[] = [
        run('mkdir', '-p', '--', folder),
        run('chown', `${user}:${state.group}`, folder),
        run('chmod', '00700', folder),
      ];
      changes.push({ what: `folder ${folder}`, before: state.folder, after: `700 ${user}`, steps });
    }
    if (after.join('\n') !== before.join('\n')) {
      const text = after.map((line) => `${line}\n`).join('');
      const write: Step = { kind: 'write', path, content: bytesOf(text), mode: 0o600, owner: user, group: state.group };
      changes.push({
        what: `content of ${path}`,
        before: state.file === undefined ? undefined : state.text,
        after: text,
        isText: true,
        steps: [write],
      });
    } else if (state.file !== `600 ${user}` && state.file !== undefined) {
      const steps = [run('chown', `${user}:${state.group}`, path), run('chmod', '0600', path)];
      changes.push({ what: `mode of ${path}`, before: state.file, after: `600 ${user}`, steps });
    }
    return changes;
  },
  result: ({ home }, { user }) => ({ user, path: `${home}/.ssh/authorized_keys` }),
});

function keyLines(key: string | readonly string[]): readonly string[] {
  return [key]
    .flat()
    .flatMap(linesOf)
    .map((line) => line.trim())
    .filter((line) => !isComment(line));
}

function readKeyFile(answer: CommandAnswer, user: string): KeyFile {
  if (answer.code === 2) throw new PreconditionError(`there is no user "${user}"`, 'module user makes it');
  const [home, group, folder, file, ...rest] = answer.stdout.split('\n');
  const isStat = (text: string | undefined) => text !== undefined && /^(missing|[0-7]+ \S+)$/.test(text);
  if (answer.code !== 0 || !home?.startsWith('/') || !group || !isStat(folder) || !isStat(file)) {
    throw new BenchError(
      'E_TOOL_OUTPUT',
      `the keys of ${user} cannot be read: ${answer.stderr.trim() || answer.stdout.trim() || `exit code ${answer.code}`}`,
    );
  }
  const known = (text: string | undefined) => (text === 'missing' ? undefined : text);
  return { home, group, folder: known(folder), file: known(file), text: rest.join('\n') };
}

function editKeys(
  lines: readonly string[],
  {
    keys,
    wanted,
    exclusive,
    key_options,
  }: Pick<Params, 'exclusive' | 'key_options'> & { readonly keys: readonly string[]; readonly wanted: Params['state'] },
): readonly string[] {
  const edited: string[] = [];
  const open = new Map(keys.map((line) => [line, parsePublicKey(line)]));
  for (const line of lines) {
    const present = isComment(line) ? undefined : parsePublicKey(line);
    const match = present && [...open].find(([, key]) => key && isSameKey(key, present));
    if (!present) edited.push(line);
    else if (!match) {
      if (!(exclusive && wanted === 'present')) edited.push(line);
    } else if (wanted === 'present') {
      open.delete(match[0]);
      const options = key_options ?? beforeKey(match[0]);
      const isAsAsked = key_options === undefined && options === '' ? true : beforeKey(line) === options;
      edited.push(isAsAsked ? line : withOptions(match[0], options));
    }
  }
  if (wanted === 'present')
    for (const line of open.keys()) edited.push(withOptions(line, key_options ?? beforeKey(line)));
  return edited;
}

function withOptions(line: string, options: string): string {
  const key = parsePublicKey(line);
  return [options, key?.type, key?.base64, key?.comment].filter((part) => part !== undefined && part !== '').join(' ');
}
