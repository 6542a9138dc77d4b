import { readFileSync } from 'node:fs';

/** One command of a captured file, as it really answered. */
export interface Capture {
  readonly note: string;
  readonly command: string;
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Lines of the timeline that arrived on standard error. */
  readonly timeline: string;
}

export function capturesOf(file: string): readonly Capture[] {
  const text = readFileSync(new URL(`../../fixtures/captured/${file}`, import.meta.url), 'utf8');
  return text
    .split(/^=== /m)
    .slice(1)
    .map((section) => {
      const [note = '', ...lines] = section.split('\n');
      const parts = new Map<string, string[]>([['head', []]]);
      let part = 'head';
      for (const line of lines) {
        const heading = /^--- (\S+)/.exec(line);
        if (heading?.[1]) {
          part = heading[1];
          parts.set(part, []);
        } else parts.get(part)?.push(line);
      }
      const head = parts.get('head') ?? [];
      const textOf = (name: string) => (parts.get(name) ?? []).join('\n').replace(/\n*$/, '\n').replace(/^\n$/, '');
      return {
        note,
        command: head.find((line) => line.startsWith('$ '))?.slice(2) ?? '',
        exit: Number(/^exit (\d+)/m.exec(head.join('\n'))?.[1]),
        stdout: textOf('stdout'),
        stderr: textOf('stderr'),
        timeline: (parts.get('timeline') ?? []).flatMap((line) => /^ *\d+ 2 (.*)$/.exec(line)?.[1] ?? []).join('\n'),
      };
    });
}

export function captureOf(file: string, note: string): Capture {
  const found = capturesOf(file).find((capture) => capture.note === note);
  if (!found) throw new Error(`${file} has no section "${note}"`);
  return found;
}

export function answerOf({ exit, stdout, stderr }: Capture) {
  return { kind: 'command' as const, code: exit, stdout, stderr };
}
