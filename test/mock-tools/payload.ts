import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const packages = fileURLToPath(new URL('../../lab/mock/rpms', import.meta.url));

export interface Ran {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder that stands for the root of a mock host, with the payload of some packages laid out in it. */
export interface PlayedHost {
  readonly root: string;
  run(command: string, stdin?: string): Promise<Ran>;
  remove(): void;
}

interface HostOptions {
  /** Package folders, each with the further arguments of its `install.sh`. */
  readonly packages: readonly (readonly [name: string, ...args: string[]])[];
  readonly environment?: Readonly<Record<string, string>>;
  /** A played host that this one begins as a copy of. */
  readonly like?: PlayedHost;
}

export function playHost({ packages: wanted, environment = {}, like }: HostOptions): PlayedHost {
  const root = mkdtempSync(join(tmpdir(), 'bench-mock-'));
  if (like !== undefined) cpSync(like.root, root, { recursive: true, verbatimSymlinks: true });
  for (const folder of ['etc', 'srv', 'dev', 'run', 'boot']) mkdirSync(join(root, folder), { recursive: true });
  for (const [name, ...args] of wanted) {
    const done = spawnSync('sh', [join(packages, name, 'install.sh'), root, ...args], { encoding: 'utf8' });
    if (done.status !== 0) throw new Error(done.stderr);
  }
  const path = ['usr/local/sbin', 'usr/sbin', 'usr/bin', 'usr/libexec'].map((folder) => join(root, folder));
  const env = {
    ...process.env,
    ...environment,
    MOCK_ROOT: root,
    PATH: `${path.join(':')}:${process.env['PATH'] ?? ''}`,
    LC_ALL: 'C',
  };
  return {
    root,
    run: (command, stdin = '') => runIn(command, stdin, env),
    remove() {
      const pid = join(root, 'run/mock/lio/liod.pid');
      if (existsSync(pid)) process.kill(Number(readFileSync(pid, 'utf8')), 'SIGTERM');
      rmSync(root, { recursive: true, force: true });
    },
  };
}

function runIn(command: string, stdin: string, env: NodeJS.ProcessEnv): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', command], { env, stdio: ['pipe', 'pipe', 'pipe'] });
    const out = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text) => {
      out.stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      out.stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) =>
      resolve({ exit: code ?? -1, stdout: out.stdout.trimEnd(), stderr: out.stderr.trimEnd() }),
    );
    // A command that does not read its input may be gone before it is written.
    child.stdin.on('error', () => {}).end(stdin);
  });
}

/** A TCP port that nobody listens on right now. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        address !== null && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}
