import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { Secret } from '../core/secret.ts';
import type { TaskEntry } from '../playbook/play.ts';

/** Asks for a password at the terminal, without showing what is typed. */
export async function askSecret(question: string): Promise<Secret> {
  process.stderr.write(`${question}: `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({ input: process.stdin, output: silent, terminal: process.stdin.isTTY === true });
  try {
    return new Secret(await reader.question(''));
  } finally {
    reader.close();
    process.stderr.write('\n');
  }
}

/** `--step`: whether to run a task; `c` runs this one and all after it. */
export async function askToRun(task: TaskEntry): Promise<'run' | 'skip' | 'runAll'> {
  const reader = createInterface({ input: process.stdin, output: process.stderr });
  try {
    for (;;) {
      const answer = await reader.question(`run "${task.name.text}"? (y)es, (n)o, (c)ontinue: `);
      if (/^y(es)?$/i.test(answer)) return 'run';
      if (/^n(o)?$/i.test(answer)) return 'skip';
      if (/^c(ontinue)?$/i.test(answer)) return 'runAll';
    }
  } finally {
    reader.close();
  }
}
