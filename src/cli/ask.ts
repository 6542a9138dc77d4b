import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { BenchError, InterruptedError } from '../core/errors.ts';
import { Secret } from '../core/secret.ts';
import type { TaskEntry } from '../playbook/play.ts';

/** Asks for a password at the terminal, without showing what is typed. */
export async function askSecret(question: string): Promise<Secret> {
  process.stderr.write(`${question}: `);
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  try {
    return new Secret(await askLine('', silent, process.stdin.isTTY === true));
  } finally {
    process.stderr.write('\n');
  }
}

/** `--step`: whether to run a task; `c` runs this one and all after it. */
export async function askToRun(task: TaskEntry): Promise<'run' | 'skip' | 'runAll'> {
  for (;;) {
    const answer = await askLine(`run "${task.name.text}"? (y)es, (n)o, (c)ontinue: `, process.stderr, false);
    if (/^y(es)?$/i.test(answer)) return 'run';
    if (/^n(o)?$/i.test(answer)) return 'skip';
    if (/^c(ontinue)?$/i.test(answer)) return 'runAll';
  }
}

/** Lines that came faster than they were asked for: of a pipe, one read can bring several. */
const early: string[] = [];

/** One line of standard input. Throws where there is none: it has ended, or Ctrl-C was typed. */
function askLine(question: string, output: NodeJS.WritableStream, isTerminal: boolean): Promise<string> {
  const waiting = early.shift();
  if (waiting !== undefined) return Promise.resolve(waiting);
  const reader = createInterface({ input: process.stdin, output, terminal: isTerminal });
  return new Promise((resolve, reject) => {
    let isAnswered = false;
    reader.on('line', (line) => {
      if (isAnswered) early.push(line);
      isAnswered = true;
      resolve(line);
      reader.close();
    });
    reader.on('SIGINT', () => {
      reject(new InterruptedError());
      reader.close();
    });
    reader.on('close', () => {
      const hint = 'answer at a terminal, or leave the option that asks out';
      reject(new BenchError('E_NO_ANSWER', 'a question was asked, and standard input has ended', { hint }));
    });
    reader.setPrompt(question);
    reader.prompt();
  });
}
