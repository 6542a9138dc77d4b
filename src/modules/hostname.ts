import { z } from 'zod';
import { askShell, type Change, defineResource, run, runShell } from '../contract/module.ts';
import { BenchError } from '../core/errors.ts';
import { keyValues } from '../core/text.ts';

const params = z.strictObject({
  name: z
    .string()
    .regex(/^(?=.{1,64}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i, 'not a name of a host')
    .meta({ description: 'Name of the host, now and after the next boot.', examples: ['xen1.example.com'] }),
});

/**
 * hostnamectl replaces /etc/hostname by renaming, which fails ("Device or resource busy") where a container runtime has
 * mounted it: then the file is written in place.
 */
const QUESTION = `printf 'now=%s\\n' "$(uname -n)"
printf 'kept=%s\\n' "$(sed -n '/^[^#]/{p;q;}' /etc/hostname 2>/dev/null)"
if grep -q ' /etc/hostname ' /proc/self/mountinfo 2>/dev/null; then echo way=file
elif [ -d /run/systemd/system ] && command -v hostnamectl >/dev/null 2>&1; then echo way=hostnamectl
else echo way=file; fi`;

export const hostname = defineResource({
  name: 'hostname',
  summary: 'Give the host its name, now and for good.',
  params,
  example: '{ name: xen1 }',
  notes:
    'Uses hostnamectl; in a container whose /etc/hostname is mounted by its runtime, writes that file and calls `hostname`.',

  probe: () => [askShell(QUESTION)],
  read([answer]) {
    const told = keyValues(answer.stdout);
    const [now, kept, way] = [told.get('now'), told.get('kept'), told.get('way')];
    if (!now || kept === undefined || (way !== 'file' && way !== 'hostnamectl')) {
      throw new BenchError(
        'E_TOOL_OUTPUT',
        `the host did not tell its name: ${answer.stderr.trim() || answer.stdout.trim()}`,
      );
    }
    return { now, kept, way };
  },

  plan({ now, kept, way }, { name }): readonly Change[] {
    if (now === name && kept === name) return [];
    const set = run('hostnamectl', 'set-hostname', name);
    const changes: Change[] = [];
    if (kept !== name) {
      const write = runShell('printf "%s\\n" "$1" >/etc/hostname', name);
      changes.push({
        what: 'name in /etc/hostname',
        before: kept || undefined,
        after: name,
        steps: [way === 'file' ? write : set],
      });
    }
    if (now !== name) {
      // hostnamectl has set both already, where it ran.
      const steps = way === 'file' ? [run('hostname', name)] : kept === name ? [set] : [];
      changes.push({ what: 'name of the host', before: now, after: name, steps });
    }
    return changes;
  },
  result: ({ now }) => ({ name: now }),
});
