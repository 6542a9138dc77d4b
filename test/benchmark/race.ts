import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface Lap {
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMib: number;
}

/** Runs a command once and measures it from outside; throws when it does not end well. */
export function timeCommand(argv: readonly string[], directory: string): Promise<Lap> {
  return new Promise((resolve, reject) => {
    const [program = '', ...args] = argv;
    const begin = performance.now();
    const child = spawn(program, args, { cwd: directory, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    let usage = { cpuSeconds: 0, peakMib: 0 };
    const sample = setInterval(() => {
      usage = readUsage(child.pid) ?? usage;
    }, 20);
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => (output = (output + chunk).slice(-4000)));
    child.once('error', reject);
    child.once('close', (code) => {
      clearInterval(sample);
      const seconds = (performance.now() - begin) / 1000;
      if (code === 0) resolve({ seconds, ...usage });
      else reject(new Error(`${argv.join(' ')} ended with ${code}:\n${output}`));
    });
  });
}

/** CPU time and peak memory of a running process, from the kernel. */
function readUsage(pid: number | undefined): Omit<Lap, 'seconds'> | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    const ticks = Number(stat[11]) + Number(stat[12]);
    return peak === undefined ? undefined : { cpuSeconds: ticks / 100, peakMib: Number(peak) / 1024 };
  } catch {
    return undefined;
  }
}
