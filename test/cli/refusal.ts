import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { ExpectStatic } from 'vitest';
import { bench, folder, LOCAL, playbook } from './bench.ts';

/** Leaves a trace when it runs. */
export const TOUCH = playbook('shell: touch touched');

/** What bench says of bad input. It must end with 2, and no host may have been touched. */
export async function refusal(
  expect: ExpectStatic,
  files: Readonly<Record<string, string | Uint8Array>>,
  ...args: readonly string[]
) {
  const directory = folder({ 'lab.ini': LOCAL, 'site.yml': TOUCH, ...files });
  const { code, stdout, stderr } = await bench(
    directory,
    args.length > 0 ? args : ['run', 'site.yml', '-i', 'lab.ini'],
  );
  expect({ code, stdout, isTouched: existsSync(join(directory, 'touched')) }).toEqual({
    code: 2,
    stdout: '',
    isTouched: false,
  });
  return stderr.replaceAll(directory, 'DIR').trimEnd();
}
