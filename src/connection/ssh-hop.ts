import type { Secret } from '../core/secret.ts';

export type HostKeyPolicy = 'strict' | 'accept-new' | 'off';

/** One SSH connection to make, with everything decided: variables, options and the user's configuration are merged. */
export interface SshHop {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  readonly password: Secret | undefined;
  readonly identities: readonly Identity[];
  /** Undefined when no agent is to be asked. */
  readonly agentSocket: string | undefined;
  /** The name under which known_hosts holds the host. */
  readonly knownAs: string;
  readonly policy: HostKeyPolicy;
  /** Files to look the host up in; a new key is added to the first. */
  readonly knownHostsFiles: readonly string[];
  readonly connectTimeoutMs: number;
  readonly proxyCommand: string | undefined;
}

export interface Identity {
  readonly file: string;
  /**
   * `named`: by a variable or an option, and that it cannot be used is an error; `configured`: in the user's
   * configuration file, which ssh passes over when it cannot be used; `usual`: where ssh looks anyway.
   */
  readonly origin: 'named' | 'configured' | 'usual';
  readonly passphrase: Secret | undefined;
}

/** For messages: `root@192.0.2.1`, with the port where it is not 22. */
export function labelOf({ user, address, port }: SshHop): string {
  return port === 22 ? `${user}@${address}` : `${user}@${address}:${port}`;
}
