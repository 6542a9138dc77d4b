import { z } from 'zod';
import { ask, type Change, defineResource, run } from '../contract/module.ts';
import { BenchError } from '../core/errors.ts';
import { accountName, parseGroup } from './parts/accounts.ts';

const params = z.strictObject({
  name: accountName.meta({ description: 'Name of the group.', examples: ['bench'] }),
  gid: z.int().nonnegative().optional().describe('Its number. The host chooses when absent.'),
  system: z.boolean().default(false).describe('Take the number of a new group from those for the system.'),
  state: z.enum(['present', 'absent']).default('present').describe('Whether the group shall exist.'),
});

export const group = defineResource({
  name: 'group',
  summary: 'Make or remove a group.',
  params,
  example: '{ name: bench, gid: 1900 }',

  probe: ({ name }) => [ask('getent', 'group', name)],
  // getent(1) ends with 2 when there is no such entry.
  read([entry], { name }) {
    if (entry.code === 2) return undefined;
    const found = entry.code === 0 ? parseGroup(entry.stdout.trimEnd()) : undefined;
    if (!found)
      throw new BenchError(
        'E_TOOL_OUTPUT',
        `getent did not tell about group ${name}: ${entry.stderr.trim() || entry.stdout.trim()}`,
      );
    return found;
  },
  plan(found, { name, gid, system, state }): readonly Change[] {
    if (state === 'absent') {
      return found
        ? [{ what: `group ${name}`, before: `gid ${found.gid}`, after: undefined, steps: [run('groupdel', name)] }]
        : [];
    }
    const number = gid === undefined ? [] : ['-g', String(gid)];
    if (!found) {
      const steps = [run('groupadd', ...number, ...(system ? ['-r'] : []), name)];
      return [{ what: `group ${name}`, before: undefined, after: gid === undefined ? 'present' : `gid ${gid}`, steps }];
    }
    if (gid === undefined || gid === found.gid) return [];
    return [
      {
        what: `gid of group ${name}`,
        before: String(found.gid),
        after: String(gid),
        steps: [run('groupmod', ...number, name)],
      },
    ];
  },
  result: (found, { name }) => ({ name, gid: found?.gid ?? null }),
});
