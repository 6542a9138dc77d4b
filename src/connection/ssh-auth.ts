import { connect } from 'node:net';
import type { AnyAuthMethod, AuthenticationType } from 'ssh2';
import { UnreachableError } from '../core/errors.ts';
import type { Files } from './files.ts';
import { loadIdentity } from './identity.ts';
import { labelOf, type SshHop } from './ssh-hop.ts';

/** Gives the next way to try; false when there is none left. `methodsLeft` is null before the host said which it takes. */
export type AuthHandler = (methodsLeft: AuthenticationType[] | null) => AnyAuthMethod | false;

/** The ways to log in that a hop has, tried in order, and what became of them. */
export interface Authentication {
  readonly handler: AuthHandler;
  /** Given to the client while a passphrase is in play: only its log tells that a key could not be decrypted. */
  readonly onLog: ((line: string) => void) | undefined;
  /** When the host took none of them. */
  refusal(): UnreachableError;
  /** When the host hung up before all were tried. */
  impatience(): UnreachableError;
}

interface Attempt {
  readonly what: string;
  readonly method: AnyAuthMethod;
}

/** Keys that were named, then the password if one is set, then the agent, then the keys at their usual places. */
export async function prepareAuthentication(hop: SshHop, files: Files): Promise<Authentication> {
  const label = labelOf(hop);
  const username = hop.user;
  const named: Attempt[] = [];
  const usual: Attempt[] = [];
  const skipped: string[] = [];
  let hasPassphrase = false;
  for (const identity of hop.identities) {
    const loaded = await loadIdentity(identity, label, files);
    if (loaded?.kind === 'skipped') skipped.push(`${loaded.file} ${loaded.reason}`);
    if (loaded?.kind !== 'usable') continue;
    const { key, passphrase } = loaded;
    hasPassphrase ||= passphrase !== undefined;
    const method: AnyAuthMethod = { type: 'publickey', username, key, ...(passphrase !== undefined && { passphrase }) };
    (identity.origin === 'usual' ? usual : named).push({ what: `key ${loaded.file}`, method });
  }
  const agent: Attempt[] = [];
  if (hop.agentSocket !== undefined) {
    if (await answers(hop.agentSocket)) {
      agent.push({ what: 'the agent', method: { type: 'agent', username, agent: hop.agentSocket } });
    } else skipped.push(`the agent at ${hop.agentSocket} does not answer`);
  }
  const encrypted = skipped.find((reason) => reason.includes('is encrypted'));
  const queue = [...named, ...passwordAttempts(hop), ...agent, ...usual];
  if (encrypted !== undefined && queue.length === 0) {
    throw new UnreachableError('E_SSH_KEY_ENCRYPTED', `${label}: the private key ${encrypted}`, {
      hint: 'set ansible_ssh_private_key_passphrase, or load the key: ssh-add',
    });
  }
  return follow({ label, username, attempts: queue, skipped, hasPassphrase });
}

function passwordAttempts({ password, user: username }: SshHop): readonly Attempt[] {
  if (password === undefined) return [];
  const text = password.reveal();
  return [
    { what: 'the password', method: { type: 'password', username, password: text } },
    {
      what: 'the password (keyboard-interactive)',
      method: {
        type: 'keyboard-interactive',
        username,
        // Only a question that hides what is typed is one for the password; others (a one-time code) get nothing.
        prompt: (_name, _instructions, _language, prompts, finish) => {
          finish(prompts.map(({ echo }) => (echo ? '' : text)));
        },
      },
    },
  ];
}

const WIRE_NAMES: Readonly<Record<AnyAuthMethod['type'], AuthenticationType>> = {
  none: 'none',
  password: 'password',
  publickey: 'publickey',
  hostbased: 'hostbased',
  agent: 'publickey',
  'keyboard-interactive': 'keyboard-interactive',
};

interface Plan {
  readonly label: string;
  readonly username: string;
  readonly attempts: readonly Attempt[];
  readonly skipped: string[];
  readonly hasPassphrase: boolean;
}

function follow({ label, username, attempts, skipped, hasPassphrase }: Plan): Authentication {
  const queue = [...attempts];
  const tried: string[] = [];
  let accepted: readonly string[] = [];
  let hasAsked = false;

  const handler: AuthHandler = (methodsLeft) => {
    if (methodsLeft) accepted = methodsLeft;
    // One that is not taken now may be once another has succeeded (AuthenticationMethods publickey,password).
    const at = queue.findIndex(({ method }) => accepted.length === 0 || accepted.includes(WIRE_NAMES[method.type]));
    const [attempt] = at < 0 ? [] : queue.splice(at, 1);
    if (attempt) {
      tried.push(attempt.what);
      return attempt.method;
    }
    // With nothing to try, "none" still makes the host tell which methods it takes.
    if (tried.length > 0 || hasAsked) return false;
    hasAsked = true;
    return { type: 'none', username };
  };

  return {
    handler,
    onLog: hasPassphrase
      ? (line) => {
          if (line.includes('Skipping invalid key'))
            skipped.push(`${tried.pop() ?? 'a key'} could not be decrypted: wrong passphrase`);
        }
      : undefined,
    impatience() {
      return new UnreachableError('E_SSH_TOO_MANY', `${label}: the host gave up after ${tried.join(', ')}`, {
        hint: 'name the one key (ansible_ssh_private_key_file) and set IdentitiesOnly=yes, or raise MaxAuthTries on the host',
      });
    },
    refusal() {
      const takes = accepted.length === 0 ? 'nothing it told of' : accepted.join(', ');
      const what = tried.length === 0 ? 'there was nothing to try' : `refused: ${tried.join(', ')}`;
      const left = skipped.length === 0 ? '' : `; not tried: ${skipped.join('; ')}`;
      const hint = skipped.some((reason) => reason.includes('encrypted') || reason.includes('passphrase'))
        ? 'set ansible_ssh_private_key_passphrase, or load the key: ssh-add'
        : 'set ansible_ssh_private_key_file or ansible_password, and check ansible_user';
      return new UnreachableError('E_SSH_AUTH', `${label}: login refused. The host takes ${takes}; ${what}${left}`, {
        hint,
      });
    },
  };
}

/** Whether something listens at the socket: the client takes an agent that does not answer for a failed connection. */
function answers(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socket);
    probe.once('connect', () => {
      probe.destroy();
      resolve(true);
    });
    probe.once('error', () => resolve(false));
  });
}
