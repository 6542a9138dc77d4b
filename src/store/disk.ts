import { renameSync, symlinkSync } from 'node:fs';

/** `ENOENT` and its like; empty for what is no error of the system. */
export function errorCode(thrown: unknown): string {
  return thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
}

/** Points a symbolic link elsewhere in one moment: at no time is there none. */
export function pointTo(link: string, target: string): void {
  const fresh = `${link}.${target}`;
  symlinkSync(target, fresh);
  renameSync(fresh, link);
}
