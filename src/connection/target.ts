import type { Diagnostic } from '../core/diagnostic.ts';
import type { Secret } from '../core/secret.ts';
import type { HostKeyPolicy } from './ssh-hop.ts';
import type { SshOptions } from './ssh-options.ts';
import { createVariableReader, type HostVariables, type VariableReader } from './variable-reader.ts';

export type { HostVariables } from './variable-reader.ts';

/** How a host is reached, as its variables say it. */
export type ConnectionTarget = SshTarget | DockerTarget | LocalTarget;

export interface SshTarget {
  readonly kind: 'ssh';
  /** An address, or a name of the user's SSH configuration. */
  readonly host: string;
  readonly port?: number;
  readonly user?: string;
  readonly password?: Secret;
  readonly keyFile?: string;
  readonly passphrase?: Secret;
  readonly policy?: HostKeyPolicy;
  readonly options: SshOptions;
  readonly configFile?: string;
}

export interface DockerTarget {
  readonly kind: 'docker';
  readonly container: string;
  readonly user?: string;
}

export interface LocalTarget {
  readonly kind: 'local';
}

/** What the variables say of becoming another user. A play's and a task's own words go before them. */
export interface BecomeDefaults {
  readonly isOn?: boolean;
  readonly user?: string;
  readonly password?: Secret;
}

export interface HostTarget {
  readonly target: ConnectionTarget;
  readonly become: BecomeDefaults;
  readonly diagnostics: readonly Diagnostic[];
}

/**
 * Reads the connection variables of a host, Ansible's names and `bench_host_key_checking`. Every value that makes no
 * sense is a diagnostic at its place; the target is then what the others say.
 */
export function targetOf(host: string, variables: HostVariables): HostTarget {
  const read = createVariableReader(variables);
  const kind = read.oneOf('ansible_connection', [
    'ssh',
    'local',
    'docker',
    'smart',
    'paramiko',
    'community.docker.docker',
  ]);
  const become = readBecome(read);
  if (kind === 'local') return { target: { kind: 'local' }, become, diagnostics: read.found() };
  const user = read.text('ansible_user', 'ansible_ssh_user');
  if (kind === 'docker' || kind === 'community.docker.docker') {
    const container = read.text('ansible_docker_container', 'ansible_host') ?? host;
    const account = read.text('ansible_docker_user') ?? user;
    const target: DockerTarget = { kind: 'docker', container, ...(account !== undefined && { user: account }) };
    return { target, become, diagnostics: read.found() };
  }
  return { target: readSsh(host, user, read), become, diagnostics: read.found() };
}

function readSsh(host: string, user: string | undefined, read: VariableReader): SshTarget {
  const port = read.port('ansible_port', 'ansible_ssh_port');
  const password = read.secret('ansible_password', 'ansible_ssh_pass', 'ansible_ssh_password');
  const passphrase = read.secret('ansible_ssh_private_key_passphrase', 'ansible_private_key_passphrase');
  const keyFile = read.file('ansible_ssh_private_key_file', 'ansible_private_key_file');
  const policy = readPolicy(read);
  const { options, configFile } = read.args('ansible_ssh_common_args', 'ansible_ssh_extra_args');
  return {
    kind: 'ssh',
    host: read.text('ansible_host', 'ansible_ssh_host') ?? host,
    options,
    ...(port !== undefined && { port }),
    ...(user !== undefined && { user }),
    ...(password && { password }),
    ...(passphrase && { passphrase }),
    ...(keyFile !== undefined && { keyFile }),
    ...(policy && { policy }),
    ...(configFile !== undefined && { configFile }),
  };
}

function readPolicy(read: VariableReader): HostKeyPolicy | undefined {
  const own = read.oneOf('bench_host_key_checking', ['strict', 'accept-new', 'off']);
  if (own !== undefined) return own;
  const ansible = read.flag('ansible_host_key_checking', 'ansible_ssh_host_key_checking');
  return ansible === undefined ? undefined : ansible ? 'strict' : 'off';
}

function readBecome(read: VariableReader): BecomeDefaults {
  const isOn = read.flag('ansible_become');
  const user = read.text('ansible_become_user');
  const password = read.secret('ansible_become_password', 'ansible_become_pass', 'ansible_sudo_pass');
  read.oneOf('ansible_become_method', ['sudo']);
  return { ...(isOn !== undefined && { isOn }), ...(user !== undefined && { user }), ...(password && { password }) };
}
