import type { Privilege } from '../contract/host.ts';
import { BenchError, PreconditionError } from '../core/errors.ts';
import { linesOf } from '../core/text.ts';
import { quote } from './quote.ts';

/** One key for all frames that one shell can run. */
export function privilegeKey(privilege: Privilege): string {
  return privilege.kind === 'login' ? 'login' : `sudo ${privilege.user}`;
}

/**
 * A command line for the user's login shell, whichever that is, that runs a POSIX shell text as whom `privilege` says.
 * With a password, sudo asks for it by a marker line `P` on stderr: nothing is sent to a sudo that does not ask.
 */
export function renderLaunch(privilege: Privilege, body: string, nonce: string): string {
  if (privilege.kind === 'login') return `exec sh -c ${quote(body)}`;
  const { user, password } = privilege;
  if (!/^[A-Za-z_][\w.-]*\$?$/.test(user)) throw new PreconditionError(`"${user}" is no user name`);
  const shell = `sh -c ${quote(body)}`;
  // biome-ignore lint/suspicious/noTemplateCurlyInString: shell text
  const sudo = password === undefined ? 'sudo -n' : 'sudo -S -p "${p%x}"';
  const outer = [
    'LC_ALL=C; export LC_ALL',
    `if [ "$(id -un)" = ${quote(user)} ]; then exec ${shell}; fi`,
    `p=$(printf "\\036${nonce} P\\nx")`,
    `if command -v sudo >/dev/null 2>&1; then exec ${sudo} -H -u ${quote(user)} -- ${shell}; fi`,
    `if [ "$(id -u)" = 0 ] && command -v runuser >/dev/null 2>&1; then HOME=~${user}; export HOME; exec runuser -u ${quote(user)} -- ${shell}; fi`,
    'echo "sudo: command not found" >&2; exit 127',
  ];
  return `exec sh -c ${quote(outer.join('; '))}`;
}

interface SudoRefusal {
  readonly pattern: RegExp;
  readonly code: string;
  readonly say: (user: string) => string;
  readonly hint: string;
}

const REFUSALS: readonly SudoRefusal[] = [
  {
    pattern: /password is required|no password was provided|terminal is required to (read|authenticate)/,
    code: 'E_SUDO_PASSWORD_REQUIRED',
    say: (user) => `sudo to ${user} asks for a password, and none is known`,
    hint: 'set ansible_become_password, or allow the user NOPASSWD in sudoers',
  },
  {
    pattern: /incorrect password attempt|Sorry, try again|maximum 3 incorrect/,
    code: 'E_SUDO_PASSWORD_WRONG',
    say: (user) => `sudo to ${user} refused the password`,
    hint: 'correct ansible_become_password',
  },
  {
    pattern: /not in the sudoers file|is not allowed to (run|execute)|may not run sudo/,
    code: 'E_SUDO_NOT_ALLOWED',
    say: (user) => `the login user may not become ${user} through sudo`,
    hint: 'add the login user to sudoers (or to the group wheel), or set ansible_become: false',
  },
  {
    pattern: /must have a tty/,
    code: 'E_SUDO_TTY',
    say: () => 'sudo insists on a terminal (requiretty)',
    hint: 'add "Defaults:USER !requiretty" to sudoers for the login user',
  },
  {
    pattern: /unknown user/,
    code: 'E_SUDO_UNKNOWN_USER',
    say: (user) => `there is no user ${user} to become`,
    hint: 'correct become_user, or create the user first',
  },
  {
    pattern: /sudo: (command )?not found/,
    code: 'E_SUDO_MISSING',
    say: () => 'there is no sudo on the host',
    hint: 'install sudo, or log in as the user that the tasks need and set become: false',
  },
];

/** Why sudo did not start the shell, from what it said; undefined when it was not sudo that failed. */
export function explainSudo(privilege: Privilege, host: string, stderr: string): BenchError | undefined {
  if (privilege.kind === 'login') return undefined;
  const refusal = REFUSALS.find(({ pattern }) => pattern.test(stderr));
  if (refusal) return new BenchError(refusal.code, `${host}: ${refusal.say(privilege.user)}`, { hint: refusal.hint });
  const said = linesOf(stderr).filter((line) => line.startsWith('sudo:'));
  return said.length === 0 ? undefined : new BenchError('E_SUDO', `${host}: ${said.join('; ')}`);
}

export function wrongSudoPassword(user: string, host: string): BenchError {
  return new BenchError('E_SUDO_PASSWORD_WRONG', `${host}: sudo to ${user} refused the password`, {
    hint: 'correct ansible_become_password',
  });
}
