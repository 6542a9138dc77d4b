import { execFile } from 'node:child_process';
import { BenchError } from '../core/errors.ts';

/** Runs a program of this machine to its end; the error carries the last lines that it printed. */
export function runTool(command: string, args: readonly string[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(command, [...args], { signal, maxBuffer: 64 * 2 ** 20 }, (error, stdout, stderr) => {
      if (error === null) resolve();
      else if (signal.aborted) reject(signal.reason);
      else if (error.code === 'ENOENT' || String(error.code) === '127') {
        const hint = 'sh lab/prepare.sh image-tools';
        reject(
          new BenchError('E_LAB_TOOLS', `a tool that "${command}" needs is not installed`, { hint, cause: error }),
        );
      } else {
        const tail = `${stdout}${stderr}`.trim().split('\n').slice(-12).join('\n');
        reject(new BenchError('E_LAB_BUILD', `${[command, ...args].join(' ')} failed\n${tail}`, { cause: error }));
      }
    });
  });
}
