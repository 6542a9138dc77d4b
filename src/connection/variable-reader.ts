import { dirname, isAbsolute, resolve } from 'node:path';
import type { Diagnostic, Position } from '../core/diagnostic.ts';
import { Secret } from '../core/secret.ts';
import { suggest } from '../core/text.ts';
import { parseSshArgs } from './ssh-args.ts';

export type HostVariables = ReadonlyMap<string, { readonly value: unknown; readonly at: Position }>;

export type VariableReader = ReturnType<typeof createVariableReader>;

/** Reads variables under any of their names, the first that is set, and collects what is wrong with them. */
export function createVariableReader(variables: HostVariables) {
  const diagnostics: Diagnostic[] = [];

  function find(names: readonly string[]) {
    for (const name of names) {
      const variable = variables.get(name);
      if (variable !== undefined && variable.value !== null && variable.value !== '') return { name, ...variable };
    }
    return undefined;
  }
  function complain(at: Position, message: string, hint: string): undefined {
    diagnostics.push({ code: 'E_CONNECTION_VARIABLE', at, message, hint });
  }
  function text(...names: readonly string[]): string | undefined {
    const found = find(names);
    if (!found) return undefined;
    const { name, value, at } = found;
    if (typeof value === 'string' || typeof value === 'number') return String(value);
    return complain(at, `${name} must be a text`, `${name}=…`);
  }

  return {
    /** In the order of their places. */
    found: () => diagnostics.toSorted((a, b) => (a.at?.line ?? 0) - (b.at?.line ?? 0)),
    text,
    secret(...names: readonly string[]): Secret | undefined {
      const value = find(names)?.value;
      if (value instanceof Secret) return value;
      const shown = text(...names);
      return shown === undefined ? undefined : new Secret(shown);
    },
    port(...names: readonly string[]): number | undefined {
      const found = find(names);
      if (!found) return undefined;
      const port = Number(found.value);
      if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
      return complain(
        found.at,
        `${found.name} must be a port, not "${String(found.value)}"`,
        'a whole number from 1 to 65535',
      );
    },
    flag(...names: readonly string[]): boolean | undefined {
      const found = find(names);
      if (!found) return undefined;
      const word = String(found.value).toLowerCase();
      if (['true', 'yes', 'on', '1'].includes(word)) return true;
      if (['false', 'no', 'off', '0'].includes(word)) return false;
      return complain(found.at, `${found.name} must be true or false, not "${word}"`, `${found.name}=true`);
    },
    oneOf<const W extends string>(name: string, words: readonly W[]): W | undefined {
      const found = find([name]);
      if (!found) return undefined;
      // YAML and INI take a bare off for a boolean.
      const word = found.value === false ? 'off' : String(found.value);
      const known = words.find((candidate) => candidate === word);
      return known ?? complain(found.at, `${name} cannot be "${word}"`, suggest(word, words));
    },
    /** A path of the controller; a relative one counts from the folder of the file that sets it. */
    file(...names: readonly string[]): string | undefined {
      const path = text(...names);
      const at = find(names)?.at;
      return path === undefined || at === undefined ? undefined : besideFile(path, at);
    },
    args(...names: readonly string[]) {
      const options = new Map<string, readonly string[]>();
      let configFile: string | undefined;
      for (const name of names) {
        const at = find([name])?.at;
        if (!at) continue;
        const parsed = parseSshArgs(text(name) ?? '');
        for (const [option, values] of parsed.options) {
          if (!options.has(option)) options.set(option, FILE_OPTIONS.has(option) ? besideFiles(values, at) : values);
        }
        configFile ??=
          parsed.configFile && parsed.configFile !== 'none' ? besideFile(parsed.configFile, at) : parsed.configFile;
        for (const word of parsed.unknown) {
          const hint = 'known: -o Key=Value, -i, -p, -l, -F, -J';
          complain(at, `${name}: bench does not follow the ssh option "${word}"`, hint);
        }
      }
      return { options, configFile };
    },
  };
}

/** Options of ssh that name files of the controller. */
const FILE_OPTIONS: ReadonlySet<string> = new Set(['identityfile', 'userknownhostsfile', 'globalknownhostsfile']);

/** A relative path counts from the folder of the file that sets it; ssh's own `~`, `%` tokens and `none` stay. */
function besideFile(path: string, at: Position): string {
  return isAbsolute(path) || /^[~%]|^none$/.test(path) ? path : resolve(dirname(at.file), path);
}

function besideFiles(values: readonly string[], at: Position): readonly string[] {
  return values.map((value) =>
    value
      .split(' ')
      .map((path) => besideFile(path, at))
      .join(' '),
  );
}
