import { dirname, isAbsolute, resolve } from 'node:path';
import type { Diagnostic, Position } from '../core/diagnostic.ts';
import { Secret } from '../core/secret.ts';
import { suggest } from '../core/text.ts';
import { parseSshArgs } from './ssh-args.ts';
import type { HostKeyPolicy } from './ssh-hop.ts';
import type { SshOptions } from './ssh-options.ts';

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

export type HostVariables = ReadonlyMap<string, { readonly value: unknown; readonly at: Position }>;

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
  if (kind === 'local') return { target: { kind: 'local' }, become, diagnostics: read.diagnostics };
  const user = read.text('ansible_user', 'ansible_ssh_user');
  if (kind === 'docker' || kind === 'community.docker.docker') {
    const container = read.text('ansible_docker_container', 'ansible_host') ?? host;
    const account = read.text('ansible_docker_user') ?? user;
    const target: DockerTarget = { kind: 'docker', container, ...(account !== undefined && { user: account }) };
    return { target, become, diagnostics: read.diagnostics };
  }
  return { target: readSsh(host, user, read), become, diagnostics: read.diagnostics };
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

/** Options of ssh that name files of the controller. */
const FILE_OPTIONS: ReadonlySet<string> = new Set(['identityfile', 'userknownhostsfile', 'globalknownhostsfile']);

/** A relative path counts from the folder of the file that sets it; ssh's own `~`, `%` tokens and `none` stay. */
function besideFile(path: string, at: Position): string {
  return isAbsolute(path) || /^[~%]|^none$/.test(path) ? path : resolve(dirname(at.file), path);
}

function besideFiles(values: readonly string[], at: Position): readonly string[] {
  return values.map((value) =>
    value
      .split(' ')
      .map((path) => besideFile(path, at))
      .join(' '),
  );
}

type VariableReader = ReturnType<typeof createVariableReader>;

/** Reads variables under any of their names, the first that is set, and collects what is wrong with them. */
function createVariableReader(variables: HostVariables) {
  const diagnostics: Diagnostic[] = [];

  function find(names: readonly string[]) {
    for (const name of names) {
      const variable = variables.get(name);
      if (variable !== undefined && variable.value !== null && variable.value !== '') return { name, ...variable };
    }
    return undefined;
  }
  function complain(at: Position, message: string, hint: string): undefined {
    diagnostics.push({ code: 'E_CONNECTION_VARIABLE', at, message, hint });
  }
  function text(...names: readonly string[]): string | undefined {
    const found = find(names);
    if (!found) return undefined;
    const { name, value, at } = found;
    if (typeof value === 'string' || typeof value === 'number') return String(value);
    return complain(at, `${name} must be a text`, `${name}=…`);
  }

  return {
    diagnostics,
    text,
    secret(...names: readonly string[]): Secret | undefined {
      const value = find(names)?.value;
      if (value instanceof Secret) return value;
      const shown = text(...names);
      return shown === undefined ? undefined : new Secret(shown);
    },
    port(...names: readonly string[]): number | undefined {
      const found = find(names);
      if (!found) return undefined;
      const port = Number(found.value);
      if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
      return complain(
        found.at,
        `${found.name} must be a port, not "${String(found.value)}"`,
        'a whole number from 1 to 65535',
      );
    },
    flag(...names: readonly string[]): boolean | undefined {
      const found = find(names);
      if (!found) return undefined;
      const word = String(found.value).toLowerCase();
      if (['true', 'yes', 'on', '1'].includes(word)) return true;
      if (['false', 'no', 'off', '0'].includes(word)) return false;
      return complain(found.at, `${found.name} must be true or false, not "${word}"`, `${found.name}=true`);
    },
    oneOf<const W extends string>(name: string, words: readonly W[]): W | undefined {
      const found = find([name]);
      if (!found) return undefined;
      // YAML and INI take a bare off for a boolean.
      const word = found.value === false ? 'off' : String(found.value);
      const known = words.find((candidate) => candidate === word);
      return known ?? complain(found.at, `${name} cannot be "${word}"`, suggest(word, words));
    },
    /** A path of the controller; a relative one counts from the folder of the file that sets it. */
    file(...names: readonly string[]): string | undefined {
      const path = text(...names);
      const at = find(names)?.at;
      return path === undefined || at === undefined ? undefined : besideFile(path, at);
    },
    args(...names: readonly string[]) {
      const options = new Map<string, readonly string[]>();
      let configFile: string | undefined;
      for (const name of names) {
        const at = find([name])?.at;
        if (!at) continue;
        const parsed = parseSshArgs(text(name) ?? '');
        for (const [option, values] of parsed.options) {
          if (!options.has(option)) options.set(option, FILE_OPTIONS.has(option) ? besideFiles(values, at) : values);
        }
        configFile ??=
          parsed.configFile && parsed.configFile !== 'none' ? besideFile(parsed.configFile, at) : parsed.configFile;
        for (const word of parsed.unknown) {
          const hint = 'known: -o Key=Value, -i, -p, -l, -F, -J';
          complain(at, `${name}: bench does not follow the ssh option "${word}"`, hint);
        }
      }
      return { options, configFile };
    },
  };
}
