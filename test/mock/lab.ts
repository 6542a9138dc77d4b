import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface Ended {
  readonly code: number;
  readonly output: string;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** Resolves when the program has written the text. */
  wrote(text: string): Promise<void>;
}

export const INVENTORY = 'inventory/mock.ini';

/** Starts bench from the repository's own folder, as a user does. */
export function start(...args: readonly string[]): Running {
  return startCommand([process.execPath, 'bin/bench', ...args]);
}

export function bench(...args: readonly string[]): Promise<Ended> {
  return start(...args).ended;
}

/** Runs a shell text inside a host of the lab, past bench. */
export async function inside(host: string, text: string): Promise<string> {
  const { code, output } = await startCommand(['docker', 'exec', `bench-mock-${host}`, 'sh', '-c', text]).ended;
  if (code !== 0) throw new Error(`${text} ended with ${code} on ${host}: ${output}`);
  return output;
}

export function docker(...args: readonly string[]): Promise<Ended> {
  return startCommand(['docker', ...args]).ended;
}

function startCommand([program = '', ...args]: readonly string[]): Running {
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const waiting: { readonly text: string; readonly go: () => void }[] = [];
  const take = (chunk: Buffer) => {
    output += chunk.toString();
    for (const { text, go } of waiting) if (output.includes(text)) go();
  };
  child.stdout.on('data', take);
  child.stderr.on('data', take);
  const ended = once(child, 'close').then(([code]) => ({ code: Number(code ?? -1), output }));
  return {
    child,
    ended,
    async wrote(text) {
      const seen = new Promise<void>((go) => waiting.push({ text, go }));
      if (output.includes(text)) return;
      await Promise.race([
        seen,
        ended.then(() => {
          if (!output.includes(text)) throw new Error(`ended without writing "${text}":\n${output}`);
        }),
      ]);
    },
  };
}
