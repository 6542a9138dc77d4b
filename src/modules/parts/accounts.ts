import { z } from 'zod';

/** What useradd(8) takes as a name of a user or group. */
export const accountName = z.string().regex(/^[a-z_][a-z0-9_.-]*\$?$/i, 'not a name of a user or group');

export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly comment: string;
  readonly home: string;
  readonly shell: string;
}

/** One line of passwd(5). Undefined when it is none. */
export function parsePasswd(line: string): Account | undefined {
  const [name, , uid, gid, comment, home, shell] = line.split(':');
  if (!name || !/^\d+$/.test(uid ?? '') || !/^\d+$/.test(gid ?? '') || home === undefined || shell === undefined)
    return undefined;
  return { name, uid: Number(uid), gid: Number(gid), comment: comment ?? '', home, shell };
}

export interface Group {
  readonly name: string;
  readonly gid: number;
  readonly members: readonly string[];
}

/** One line of group(5). Undefined when it is none. */
export function parseGroup(line: string): Group | undefined {
  const [name, , gid, members] = line.split(':');
  if (!name || !/^\d+$/.test(gid ?? '') || members === undefined) return undefined;
  return { name, gid: Number(gid), members: members.split(',').filter((member) => member !== '') };
}
