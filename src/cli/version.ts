import { readFileSync } from 'node:fs';

/** The version in package.json: two folders up from `src/cli` and from `dist/cli` alike. */
export const version = readVersion();

function readVersion(): string {
  const own: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const found = typeof own === 'object' && own !== null && 'version' in own ? own.version : undefined;
  return typeof found === 'string' ? found : 'unknown';
}
