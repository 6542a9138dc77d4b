import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A real sshd on a loopback port with keys of its own, that lets root in with `clientKey`. */
export interface Sshd {
  readonly port: number;
  readonly folder: string;
  readonly clientKey: string;
  /** `[127.0.0.1]:port type key` lines for all its host keys. */
  readonly knownHosts: string;
  readonly pid: number;
  stop(): Promise<void>;
}

export interface SshdOptions {
  /** More lines for sshd_config, before any Match. */
  readonly config?: readonly string[];
  /** Lines for sshd_config that stand at its end: a Match block. */
  readonly match?: readonly string[];
  readonly hostKeys?: readonly ('ed25519' | 'ecdsa' | 'rsa')[];
  /** Options before the client's key in authorized_keys. */
  readonly keyOptions?: string;
}

export async function startSshd(options: SshdOptions = {}): Promise<Sshd> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-sshd-'));
  const clientKey = join(folder, 'client');
  makeKey(clientKey, 'ed25519');
  const keyOptions = options.keyOptions === undefined ? '' : `${options.keyOptions} `;
  writeFileSync(join(folder, 'authorized'), keyOptions + readFileSync(`${clientKey}.pub`, 'utf8'), { mode: 0o600 });
  const hostKeys = (options.hostKeys ?? ['ed25519']).map((type) => {
    makeKey(join(folder, `host_${type}`), type);
    return join(folder, `host_${type}`);
  });
  // Privilege separation needs the folder, which only the system's own start of sshd makes.
  mkdirSync('/run/sshd', { recursive: true });
  const port = await freePort();
  // sshd takes the first of two values.
  const lines = [
    ...(options.config ?? ['PasswordAuthentication no', 'KbdInteractiveAuthentication no']),
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `PidFile ${join(folder, 'pid')}`,
    ...hostKeys.map((file) => `HostKey ${file}`),
    `AuthorizedKeysFile ${join(folder, 'authorized')}`,
    'StrictModes no',
    'PermitRootLogin yes',
    'UsePAM no',
    'MaxStartups 100',
    'MaxSessions 100',
    // bash reads root's own .bashrc for a login through ssh unless it takes itself for an inner shell.
    'SetEnv SHLVL=5',
    ...(options.match ?? []),
  ];
  writeFileSync(join(folder, 'sshd_config'), `${lines.join('\n')}\n`);
  const child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(folder, 'sshd_config')], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await listening(child);
  return {
    port,
    folder,
    clientKey,
    knownHosts: hostKeys.map((file) => `[127.0.0.1]:${port} ${readFileSync(`${file}.pub`, 'utf8')}`).join(''),
    pid: child.pid ?? 0,
    stop: () => stop(child, folder),
  };
}

export function makeKey(file: string, type: string, passphrase = ''): void {
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', passphrase, '-C', 'bench', '-f', file]);
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

/** sshd says on stderr that it listens; what it says instead is the error. */
function listening(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    const { stderr } = child;
    if (!stderr) throw new Error('sshd has no stderr');
    const said: string[] = [];
    const lines = createInterface({ input: stderr });
    lines.on('line', (line) => {
      said.push(line);
      if (line.startsWith('Server listening')) resolve();
    });
    child.once('exit', () => reject(new Error(`sshd ended: ${said.join('\n')}`)));
  });
}

function stop(child: ChildProcess, folder: string): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      rmSync(folder, { recursive: true, force: true });
      resolve();
    };
    if (child.exitCode !== null || child.signalCode !== null) done();
    else {
      child.once('exit', done);
      child.kill('SIGTERM');
    }
  });
}
