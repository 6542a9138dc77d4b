import type { SshOptions } from './ssh-options.ts';

/** The command line options of ssh that a host's variables hold. */
export interface SshArgs {
  readonly options: SshOptions;
  /** `-F`: another configuration file; `none` for none. */
  readonly configFile: string | undefined;
  /** Options that cannot be followed, as they were written. */
  readonly unknown: readonly string[];
}

const WITH_VALUE: ReadonlyMap<string, string> = new Map([
  ['i', 'identityfile'],
  ['p', 'port'],
  ['l', 'user'],
  ['J', 'proxyjump'],
]);

/** Flags that change nothing for bench: verbosity, compression, terminals, multiplexing of other clients. */
const HARMLESS = /^-[46ACTVaknqtvxy]+$/;

/** `-o Key=Value`, `-oKey=Value`, `-i`, `-p`, `-l`, `-F`, `-J`, as a shell would split them. */
export function parseSshArgs(text: string): SshArgs {
  const options = new Map<string, string[]>();
  const unknown: string[] = [];
  let configFile: string | undefined;
  const words = splitWords(text);
  const set = (name: string, value: string) => {
    const before = options.get(name);
    if (before === undefined) options.set(name, [value]);
    else if (name === 'identityfile') before.push(value);
  };
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const letter = /^-([oiplFJ])/.exec(word)?.[1];
    if (letter === undefined) {
      if (!HARMLESS.test(word)) unknown.push(word);
      continue;
    }
    const value = word.length > 2 ? word.slice(2) : words[++index];
    if (value === undefined) unknown.push(word);
    else if (letter === 'F') configFile = value;
    else if (letter !== 'o') set(WITH_VALUE.get(letter) ?? letter, value);
    else {
      const [, name, setting] = /^([A-Za-z]+)(?:\s*=\s*|\s+)(.*)$/s.exec(value) ?? [];
      if (name === undefined || setting === undefined) unknown.push(`-o ${value}`);
      else set(name.toLowerCase(), setting.replace(/^"(.*)"$/s, '$1'));
    }
  }
  return { options, configFile, unknown };
}

/** Words as a POSIX shell splits them: both sorts of quotes, and the backslash. */
export function splitWords(text: string): readonly string[] {
  const words: string[] = [];
  for (const [word] of text.matchAll(/(?:'[^']*'|"(?:\\.|[^"\\])*"|\\.|[^\s'"\\])+/gs)) {
    words.push(
      word.replaceAll(/'([^']*)'|"((?:\\.|[^"\\])*)"|\\(.)/gs, (_whole, single, double, escaped) => {
        if (single !== undefined) return single;
        return double === undefined ? (escaped ?? '') : double.replaceAll(/\\(["\\$`])/g, '$1');
      }),
    );
  }
  return words;
}
