import { z } from 'zod';
import { askShell, type Change, defineResource, run, type Step } from '../contract/module.ts';
import { BenchError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import { linesOf } from '../core/text.ts';
import { type Account, accountName, parseGroup, parsePasswd } from './parts/accounts.ts';
import { absolutePath } from './parts/attributes.ts';

const params = z.strictObject({
  name: accountName.meta({ description: 'Name of the user.', examples: ['bench'] }),
  state: z.enum(['present', 'absent']).default('present').describe('Whether the user shall exist.'),
  uid: z.int().nonnegative().optional().describe('Its number. The host chooses when absent.'),
  group: accountName.optional().describe('Primary group. A group of its own name when absent.'),
  groups: z
    .array(accountName)
    .optional()
    .meta({ description: 'Other groups that it is in.', examples: [['wheel']] }),
  append: z.boolean().default(false).describe('Leave it in groups that `groups` does not name.'),
  comment: z
    .string()
    .regex(/^[^:\n]*$/, 'must not hold ":"')
    .optional()
    .describe('Full name or purpose.'),
  home: absolutePath.optional().describe('Home folder. It is not moved when it changes.'),
  create_home: z.boolean().default(true).describe('Make the home folder of a new user.'),
  shell: absolutePath.optional().meta({ description: 'Login shell.', examples: ['/bin/bash'] }),
  password: z
    .string()
    .regex(/^(\$[^:\n]+|[!*][^:\n]*)$/, 'not a hash of crypt(5): see openssl passwd -6')
    .optional()
    .describe('Hash of the password as in shadow(5), never the password itself. `!` locks it.'),
  system: z.boolean().default(false).describe('Take the number of a new user from those for the system.'),
  remove: z.boolean().default(false).describe('With `state: absent`, remove its home folder too.'),
});

type Params = z.infer<typeof params>;

interface UserState {
  readonly account: Account | undefined;
  /** Its primary group; of a user that is missing, the group of its name, if there is one. */
  readonly group: string;
  readonly groups: readonly string[];
  readonly password: string | undefined;
}

/** The account, its primary group, all groups that name it, and the hash where it is asked for. */
const QUESTION = `account=$(getent passwd "$1"); code=$?
if [ $code -eq 2 ]; then getent group "$1" | sed 's/^/group /'; exit 2; fi
[ $code -eq 0 ] || exit 1
printf 'account %s\\nprimary %s\\n' "$account" "$(id -gn -- "$1")"
getent group | sed 's/^/group /'
[ "$2" = no ] || getent shadow "$1" | cut -d: -f2 | sed 's/^/hash /'`;

export const user = defineResource({
  name: 'user',
  summary: 'Make, change or remove a user.',
  params,
  example: '{ name: bench, groups: [wheel], append: true, shell: /bin/bash }',
  notes:
    'Only what is named is compared. `password` is a hash; it never shows in output, and needs root to be compared.',

  probe: ({ name, password }) => [askShell(QUESTION, name, password === undefined ? 'no' : 'yes')],
  read([answer], { name }): UserState {
    const told = linesOf(answer.stdout);
    const after = (word: string) =>
      told.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
    if (answer.code === 2) {
      const group = parseGroup(after('group')[0] ?? '')?.name ?? '';
      return { account: undefined, group, groups: [], password: undefined };
    }
    const account = parsePasswd(after('account')[0] ?? '');
    if (answer.code !== 0 || !account) {
      throw new BenchError(
        'E_TOOL_OUTPUT',
        `the host did not tell about user ${name}: ${answer.stderr.trim() || answer.stdout.trim()}`,
      );
    }
    const groups = after('group').flatMap((line) => {
      const group = parseGroup(line);
      return group?.members.includes(name) ? [group.name] : [];
    });
    return { account, group: after('primary')[0] ?? '', groups, password: after('hash')[0] };
  },

  plan(state, task): readonly Change[] {
    const { account } = state;
    if (task.state === 'absent') {
      if (!account) return [];
      const steps = [run('userdel', ...(task.remove ? ['-r'] : []), task.name)];
      return [{ what: `user ${task.name}`, before: `uid ${account.uid}`, after: undefined, steps }];
    }
    return [
      ...(account ? planExisting(account, state, task) : [planNew(state.group, task)]),
      ...planPassword(state, task),
    ];
  },
  result: ({ account, group, groups }, { name }) => ({
    name,
    ...(account && { uid: account.uid, home: account.home, shell: account.shell, group, groups }),
  }),
});

function planNew(ownGroup: string, task: Params): Change {
  const { name, uid, groups = [], comment, home, create_home, shell, system } = task;
  // useradd refuses to make a group of the user's name where there is one already.
  const group = task.group ?? (ownGroup === '' ? undefined : ownGroup);
  const options = [
    ...(uid === undefined ? [] : ['-u', String(uid)]),
    ...(group === undefined ? [] : ['-g', group]),
    ...(groups.length === 0 ? [] : ['-G', groups.join(',')]),
    ...(comment === undefined ? [] : ['-c', comment]),
    ...(home === undefined ? [] : ['-d', home]),
    ...(shell === undefined ? [] : ['-s', shell]),
    ...(system ? ['-r'] : []),
    create_home ? '-m' : '-M',
  ];
  const after = groups.length === 0 ? 'present' : `in ${groups.join(', ')}`;
  return { what: `user ${name}`, before: undefined, after, steps: [run('useradd', ...options, name)] };
}

function planExisting(account: Account, state: UserState, task: Params): Change[] {
  const { name, uid, group, groups, append, comment, home, shell } = task;
  const changes: Change[] = [];
  const compare = (what: string, option: string, before: string, after: string | undefined) => {
    if (after === undefined || after === before) return;
    changes.push({ what: `${what} of user ${name}`, before, after, steps: [run('usermod', option, after, name)] });
  };
  compare('uid', '-u', String(account.uid), uid === undefined ? undefined : String(uid));
  compare('group', '-g', state.group, group);
  compare('comment', '-c', account.comment, comment);
  compare('home', '-d', account.home, home);
  compare('shell', '-s', account.shell, shell);
  if (groups) {
    const wanted = [...new Set(append ? [...state.groups, ...groups] : groups)].filter((each) => each !== state.group);
    compare('groups', '-G', sorted(state.groups), sorted(wanted));
  }
  return changes;
}

function sorted(names: readonly string[]): string {
  return [...names].sort().join(',');
}

function planPassword(state: UserState, { name, password }: Params): Change[] {
  if (password === undefined || password === state.password) return [];
  const step: Step = { kind: 'run', argv: ['chpasswd', '-e'], stdin: new Secret(`${name}:${password}\n`) };
  return [{ what: `password of user ${name}`, before: state.password, after: password, isSecret: true, steps: [step] }];
}
