import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

export interface FarmHost {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** Folder that is this host's own. */
  readonly directory: string;
}

export interface Farm {
  readonly directory: string;
  readonly hosts: readonly FarmHost[];
  readonly keyFile: string;
  readonly knownHosts: string;
  close(): void;
}

const PORT = 22822;

/**
 * Starts one sshd a host on addresses 127.0.1.x and up, each with a host key of its own. Past `mostServers` hosts share
 * a server. Needs root and openssh-server.
 */
export async function startFarm(count: number, mostServers = 250): Promise<Farm> {
  const directory = mkdtempSync(join(tmpdir(), 'bench-farm-'));
  const keyFile = join(directory, 'id');
  makeKey(keyFile);
  mkdirSync('/run/sshd', { recursive: true });
  const servers: ChildProcess[] = [];
  const keys: string[] = [];
  const addresses = Array.from({ length: Math.min(count, mostServers) }, (_, index) => addressOf(index));
  for (const address of addresses) {
    const hostKey = join(directory, `host-${address}`);
    makeKey(hostKey);
    const config = join(directory, `sshd-${address}`);
    writeFileSync(
      config,
      [
        `Port ${PORT}`,
        `ListenAddress ${address}`,
        `HostKey ${hostKey}`,
        `AuthorizedKeysFile ${keyFile}.pub`,
        'PidFile none',
        'StrictModes no',
        'UsePAM no',
        'UseDNS no',
        'PasswordAuthentication no',
        'PermitRootLogin prohibit-password',
        'MaxStartups 1000',
      ].join('\n'),
    );
    servers.push(spawn('/usr/sbin/sshd', ['-D', '-e', '-f', config], { stdio: 'ignore' }));
    const publicKey = readFileSync(`${hostKey}.pub`, 'utf8').trim();
    // The next port is that of the delay proxies in front of the same servers.
    keys.push(`[${address}]:${PORT},[${address}]:${PORT + 1} ${publicKey}`);
  }
  const knownHosts = join(directory, 'known_hosts');
  writeFileSync(knownHosts, `${keys.join('\n')}\n`);
  await Promise.all(addresses.map(untilListening));
  const hosts = Array.from({ length: count }, (_, index): FarmHost => {
    const name = `h${String(index + 1).padStart(3, '0')}`;
    const address = addresses[index % addresses.length] ?? '127.0.1.1';
    return { name, address, port: PORT, directory: join(directory, 'hosts', name) };
  });
  return {
    directory,
    hosts,
    keyFile,
    knownHosts,
    close() {
      for (const server of servers) server.kill();
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

function addressOf(index: number): string {
  return `127.0.${1 + Math.floor(index / 250)}.${1 + (index % 250)}`;
}

function makeKey(path: string): void {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'benchmark', '-f', path]);
}

async function untilListening(address: string): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(PORT, address, () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isOpen) return;
    await wait(50);
  }
  throw new Error(`sshd on ${address} does not listen`);
}
