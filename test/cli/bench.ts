import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

export const PROGRAM = fileURLToPath(new URL('../../bin/bench', import.meta.url));

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

// Tests of a file run side by side: what they leave behind is taken away when all of them are over.
const folders: string[] = [];
const children: ChildProcess[] = [];
afterAll(() => {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  for (const path of folders) rmSync(path, { recursive: true, force: true });
});

/** A folder of its own for one test. */
export function folder(files: Readonly<Record<string, string | Uint8Array>> = {}): string {
  const path = mkdtempSync(join(tmpdir(), 'bench-cli-'));
  folders.push(path);
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), content);
  }
  return path;
}

/** Three hosts that are all this machine. */
export const LOCAL = '[all:vars]\nansible_connection=local\n[web]\nh[1:3]\n';

/** A playbook of one play on all hosts. */
export function playbook(...tasks: readonly string[]): string {
  const list = tasks.map((task) => `    - ${task}\n`).join('');
  return `- name: first\n  hosts: all\n  gather_facts: false\n  tasks:\n${list}`;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when standard output or error holds the text. */
  said(text: string): Promise<void>;
}

export interface BenchOptions extends Pick<SpawnOptions, 'uid'> {
  readonly stdin?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

export function start(directory: string, args: readonly string[], options: BenchOptions = {}): Running {
  return startCommand(directory, [process.execPath, PROGRAM, ...args], options);
}

export function startCommand(
  directory: string,
  [command = '', ...args]: readonly string[],
  options: BenchOptions = {},
): Running {
  const { NO_COLOR: _colour, FORCE_COLOR: _force, ...environment } = process.env;
  const child = spawn(command, args, {
    cwd: directory,
    env: { ...environment, ...options.environment },
    ...(options.uid !== undefined && { uid: options.uid, gid: options.uid }),
  });
  const texts = { stdout: '', stderr: '' };
  const waiting = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (piece: string) => {
      texts[name] += piece;
      for (const look of waiting) look();
    });
  }
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(options.stdin ?? '');
  const ended = new Promise<Ended>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, ...texts }));
  });
  children.push(child);
  return {
    child,
    ended,
    said: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (!texts.stdout.includes(text) && !texts.stderr.includes(text)) return;
          waiting.delete(look);
          resolve();
        };
        waiting.add(look);
        look();
        void ended.then(() => reject(new Error(`ended without "${text}": ${texts.stdout}${texts.stderr}`)));
      }),
  };
}

export function bench(directory: string, args: readonly string[], options: BenchOptions = {}): Promise<Ended> {
  return start(directory, args, options).ended;
}

/** A text without what differs from run to run: its name, times, the folder. */
export function stable(text: string, directory = ''): string {
  const known = directory === '' ? text : text.replaceAll(directory, 'DIR');
  return known
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d(-\d+)?/g, 'RUN')
    .replaceAll(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:[\d.]+Z)?/g, 'TIME')
    .replaceAll(/ +[\d.]+ m?s$/gm, '  TIME');
}
