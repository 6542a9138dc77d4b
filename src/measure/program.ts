import { readFileSync } from 'node:fs';

/** Text of a program that runs on a host. It is sent there with each trial: nothing is installed. */
export function programText(name: 'source.sh' | 'observe.py'): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8');
}
