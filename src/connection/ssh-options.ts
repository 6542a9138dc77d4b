import { parse } from 'ssh-config';
import { expandHome } from './host-address.ts';

/** Options as `ssh -o` and the configuration file take them, names in lower case, several values in order. */
export type SshOptions = ReadonlyMap<string, readonly string[]>;

/** What ssh reads of a configuration file for a host as the user names it. Nothing in it is executed. */
export function optionsFor(configText: string, host: string): SshOptions {
  const computed = parse(configText).compute(host, { ignoreCase: true, matchExec: false });
  return new Map(Object.entries(computed).map(([name, value]) => [name.toLowerCase(), [value].flat()]));
}

/** The first set wins for each option, as in ssh itself; `identityfile` adds up. */
export function mergeOptions(...layers: readonly SshOptions[]): SshOptions {
  const merged = new Map<string, readonly string[]>();
  for (const layer of layers) {
    for (const [name, values] of layer) {
      const before = merged.get(name);
      if (before === undefined) merged.set(name, values);
      else if (name === 'identityfile') merged.set(name, [...before, ...values]);
    }
  }
  return merged;
}

/** `%h`, `%u` … as the configuration file knows them; `~` as the home folder. */
export function expandTokens(text: string, tokens: Readonly<Record<string, string>>, home: string): string {
  const all: Readonly<Record<string, string>> = { ...tokens, d: home, '%': '%' };
  return expandHome(text, home).replaceAll(/%([a-zA-Z%])/g, (whole, token: string) => all[token] ?? whole);
}
