import { readFileSync } from 'node:fs';

/** One entry of a captured file: what was run on the real machine and what it answered. */
export interface Captured {
  readonly note: string;
  readonly command: string;
  readonly stdin: string;
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Entries of `test/fixtures/captured/NAME`, in the order in which they were captured. */
export function readCaptured(name: string): readonly Captured[] {
  const text = readFileSync(new URL(`../fixtures/captured/${name}`, import.meta.url), 'utf8');
  return text
    .split(/\n*^=== /m)
    .slice(1)
    .map(parseEntry);
}

function parseEntry(text: string): Captured {
  const match =
    /^(.*)\n(?:--- stdin\n([\s\S]*?))?\$ (.*)\nexit (\d+)\ntime .*\n--- stdout\n([\s\S]*?)--- stderr\n?([\s\S]*)$/.exec(
      text,
    );
  if (match === null) throw new Error(`not a captured entry: ${text.slice(0, 80)}`);
  const [, note = '', stdin = '', command = '', exit = '', stdout = '', stderr = ''] = match;
  return { note, stdin, command, exit: Number(exit), stdout: stdout.trimEnd(), stderr: stderr.trimEnd() };
}

/** The one entry of that note. */
export function entryOf(entries: readonly Captured[], note: string): Captured {
  const found = entries.find((entry) => entry.note === note);
  if (found === undefined) throw new Error(`no captured entry "${note}"`);
  return found;
}
