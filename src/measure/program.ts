import { existsSync, readFileSync } from 'node:fs';

/** Text of a program that runs on a host. It is sent there with each trial: nothing is installed. */
export function programText(name: 'source.sh' | 'observe.py'): string {
  const beside = new URL(name, import.meta.url);
  // The compiler copies nothing but TypeScript: a built bench finds the programs among its sources.
  return readFileSync(existsSync(beside) ? beside : new URL(`../../src/measure/${name}`, import.meta.url), 'utf8');
}
