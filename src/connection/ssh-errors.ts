import { UnreachableError } from '../core/errors.ts';
import { codeOf } from './files.ts';
import { labelOf, type SshHop } from './ssh-hop.ts';

interface Reason {
  readonly code: string;
  readonly say: string;
  readonly hint: string;
}

/** Why a connection could not be made, from what the client threw. */
export function explainConnect(thrown: unknown, hop: SshHop): UnreachableError {
  const { code, say, hint } = reasonFor(thrown, hop);
  return new UnreachableError(code, `${labelOf(hop)}: ${say}`, { hint, cause: thrown });
}

function reasonFor(thrown: unknown, hop: SshHop): Reason {
  const { address, port, user, connectTimeoutMs } = hop;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  switch (codeOf(thrown)) {
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return {
        code: 'E_SSH_NAME',
        say: `the name ${address} is not known`,
        hint: `set ansible_host, or add ${address} to /etc/hosts or ~/.ssh/config`,
      };
    case 'ECONNREFUSED':
      return {
        code: 'E_SSH_REFUSED',
        say: `nothing listens on port ${port}`,
        hint: 'start sshd on the host (systemctl start sshd), or set ansible_port',
      };
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return { code: 'E_SSH_NO_ROUTE', say: `there is no route to ${address}`, hint: `ip route get ${address}` };
  }
  if (codeOf(thrown) === 'ETIMEDOUT' || levelOf(thrown) === 'client-timeout') {
    const seconds = connectTimeoutMs / 1000;
    return {
      code: 'E_SSH_TIMEOUT',
      say: `no answer on port ${port} within ${seconds} s`,
      hint: 'check that the host is up and that no firewall drops the port',
    };
  }
  const missing = /no matching (.+)$/.exec(message)?.[1];
  if (missing !== undefined) {
    return {
      code: 'E_SSH_ALGORITHM',
      say: `no ${missing.replace('C->S ', '').replace('S->C ', '')} in common with the host`,
      hint: `ssh -v ${user}@${address} shows what the host offers; update its sshd`,
    };
  }
  if (
    codeOf(thrown) === 'ECONNRESET' ||
    codeOf(thrown) === 'EPIPE' ||
    /lost before handshake|no response from server/i.test(message)
  ) {
    return {
      code: 'E_SSH_CLOSED',
      say: 'the host closed the connection during the handshake',
      hint: 'look at the host: journalctl -u sshd (MaxStartups, a ban, or no SSH on this port)',
    };
  }
  return { code: 'E_SSH', say: message, hint: `try by hand: ssh -v -p ${port} ${user}@${address}` };
}

export function isImpatience(error: unknown): boolean {
  return error instanceof Error && /too many authentication failures/i.test(error.message);
}

export function levelOf(error: unknown): string | undefined {
  return error instanceof Error && 'level' in error && typeof error.level === 'string' ? error.level : undefined;
}
