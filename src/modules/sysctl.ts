import { z } from 'zod';
import { askShell, bytesOf, type Change, defineResource, run, runShell, textOf } from '../contract/module.ts';
import { PreconditionError } from '../core/errors.ts';
import { absolutePath } from './parts/attributes.ts';

const params = z
  .strictObject({
    name: z
      .string()
      .regex(/^[A-Za-z0-9_]+([./][\w.:@/-]+)+$/, 'not the name of a kernel parameter')
      .meta({
        description: 'Name of the parameter, with dots.',
        examples: ['net.ipv4.ip_forward'],
      }),
    value: z
      .union([z.string(), z.number()])
      .optional()
      .meta({ description: 'Value to have.', examples: [1] }),
    state: z
      .enum(['present', 'absent'])
      .default('present')
      .describe('`absent` removes the file; the value stays until the next boot.'),
    sysctl_file: absolutePath
      .optional()
      .describe('File that keeps the value. `/etc/sysctl.d/NAME.conf` when absent; it holds nothing else.'),
  })
  .refine(({ state, value }) => (state === 'present') === (value !== undefined), '"value" belongs to state "present"');

type Params = z.infer<typeof params>;

export const sysctl = defineResource({
  name: 'sysctl',
  summary: 'Set a parameter of the kernel, now and after the next boot.',
  params,
  example: '{ name: net.ipv4.ip_forward, value: 1 }',
  notes:
    'One file a parameter, so that nothing of others is edited. A file that systemd reads later (by name) may hold another value for the next boot.',

  // Exit code 3: not there; 4: there, and not to be written.
  probe: (task) => [
    askShell('[ -e "$1" ] || exit 3; cat -- "$1" || exit 1; [ -w "$1" ] || exit 4', procPath(task.name)),
    textOf(fileOf(task)),
  ],
  read: ([value, file]) => ({
    now: value.code === 0 || value.code === 4 ? normalised(value.stdout) : undefined,
    isWritable: value.code !== 4,
    said: value.stderr.trim(),
    file: file.text,
  }),

  plan({ now, isWritable, said, file }, task): readonly Change[] {
    const { name, value, state } = task;
    const path = fileOf(task);
    if (state === 'absent') {
      return file === undefined
        ? []
        : [
            {
              what: `file ${path}`,
              before: file,
              after: undefined,
              isText: true,
              steps: [run('rm', '-f', '--', path)],
            },
          ];
    }
    if (now === undefined) {
      throw new PreconditionError(
        `the kernel has no parameter "${name}"${said && `: ${said}`}`,
        'load the module that brings it first',
      );
    }
    const wanted = normalised(String(value));
    const text = `${name} = ${wanted}\n`;
    const changes: Change[] = [];
    if (now !== wanted) {
      if (!isWritable) {
        throw new PreconditionError(
          `${procPath(name)} cannot be written here`,
          'a container needs: mount -o remount,rw /proc/sys',
        );
      }
      const steps = [runShell('printf "%s\\n" "$2" >"$1"', procPath(name), wanted)];
      changes.push({ what: `sysctl ${name}`, before: now, after: wanted, steps });
    }
    if (file !== text) {
      const steps = [
        run('mkdir', '-p', '--', path.slice(0, path.lastIndexOf('/'))),
        { kind: 'write', path, content: bytesOf(text) } as const,
      ];
      changes.push({
        what: `${file === undefined ? 'file' : 'content of'} ${path}`,
        before: file,
        after: text,
        isText: true,
        steps,
      });
    }
    return changes;
  },
  result: ({ now }, { name }) => ({ name, value: now ?? null }),
});

/** As sysctl(8) has it: where the first separator is a slash, slashes part the words; else dots do, and a slash is a dot. */
function procPath(name: string): string {
  if (/^[^./]*\//.test(name)) return `/proc/sys/${name}`;
  return `/proc/sys/${name.replace(/[./]/g, (separator) => (separator === '.' ? '/' : '.'))}`;
}

function fileOf({ name, sysctl_file }: Params): string {
  return sysctl_file ?? `/etc/sysctl.d/${name.replaceAll('/', '-')}.conf`;
}

/** The kernel parts several numbers by tabs. */
function normalised(value: string): string {
  return value.trim().replace(/\s+/g, ' ');
}
