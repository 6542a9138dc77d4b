import { z } from 'zod';
import { askShell, bytesOf, type Change, defineResource, run, textOf } from '../contract/module.ts';
import { BenchError, PreconditionError } from '../core/errors.ts';
import { keyValues } from '../core/text.ts';

const params = z.strictObject({
  name: z
    .string()
    .regex(/^[\w-]+$/, 'not the name of a kernel module')
    .meta({ description: 'Name of the module.', examples: ['iscsi_tcp'] }),
  state: z.enum(['present', 'absent']).default('present').describe('Whether it shall be loaded.'),
  params: z
    .string()
    .default('')
    .meta({ description: 'Parameters for loading it now.', examples: ['numdummies=2'] }),
  persistent: z.boolean().default(true).describe('Load it at every boot too (`/etc/modules-load.d/NAME.conf`).'),
});

/** The kernel writes `_` where file names may have `-`. */
const QUESTION = `if [ -d "/sys/module/$1" ] || grep -q "^$1 " /proc/modules 2>/dev/null; then echo loaded=yes; else echo loaded=no; fi
if [ -e /proc/modules ]; then echo support=yes; else echo support=no; fi
folder=/lib/modules/$(uname -r)
if [ -d "$folder" ]; then echo folder=yes; else echo folder=no; fi
if sed 's|.*/||; s|\\.ko.*||; s|-|_|g' "$folder/modules.builtin" 2>/dev/null | grep -qx "$1"; then echo builtin=yes; else echo builtin=no; fi
if modprobe -n -q "$1" 2>/dev/null; then echo available=yes; else echo available=no; fi`;

export const kernel_module = defineResource({
  name: 'kernel_module',
  summary: 'Load a module of the kernel, now and at every boot, or unload it.',
  params,
  example: '{ name: iscsi_tcp }',
  notes:
    'Ansible calls it `modprobe`. What is built into the kernel counts as loaded, and needs no file for the next boot.',

  probe: ({ name }) => [askShell(QUESTION, name.replaceAll('-', '_')), textOf(fileOf(name))],
  read([answer, file], { name }) {
    const told = keyValues(answer.stdout);
    const isYes = (word: string) => {
      const value = told.get(word);
      if (value !== 'yes' && value !== 'no') {
        throw new BenchError(
          'E_TOOL_OUTPUT',
          `the host did not tell about module ${name}: ${answer.stderr.trim() || answer.stdout.trim()}`,
        );
      }
      return value === 'yes';
    };
    return {
      isLoaded: isYes('loaded'),
      isBuiltin: isYes('builtin'),
      isAvailable: isYes('available'),
      reason: isYes('support')
        ? isYes('folder')
          ? 'it has no such module'
          : 'it has no folder of modules'
        : 'it takes no modules',
      file: file.text,
    };
  },

  plan(found, { name, state, params: options, persistent }): readonly Change[] {
    const path = fileOf(name);
    const changes: Change[] = [];
    if (state === 'absent') {
      if (found.isBuiltin)
        throw new PreconditionError(`module ${name} is built into the kernel`, 'it cannot be unloaded');
      if (found.isLoaded)
        changes.push({
          what: `module ${name}`,
          before: 'loaded',
          after: undefined,
          steps: [run('modprobe', '-r', name)],
        });
      if (found.file !== undefined) {
        changes.push({
          what: `file ${path}`,
          before: found.file,
          after: undefined,
          isText: true,
          steps: [run('rm', '-f', '--', path)],
        });
      }
      return changes;
    }
    if (!found.isLoaded && !found.isBuiltin) {
      if (!found.isAvailable) {
        throw new PreconditionError(
          `the running kernel cannot load ${name}: ${found.reason}`,
          'install its package, boot the kernel it is for; in a container load it outside',
        );
      }
      const words = options.split(/\s+/).filter((word) => word !== '');
      changes.push({
        what: `module ${name}`,
        before: undefined,
        after: 'loaded',
        steps: [run('modprobe', name, ...words)],
      });
    }
    const text = `${name}\n`;
    if (persistent && !found.isBuiltin && found.file !== text) {
      const steps = [
        run('mkdir', '-p', '/etc/modules-load.d'),
        { kind: 'write', path, content: bytesOf(text) } as const,
      ];
      changes.push({ what: `${name} at boot`, before: found.file, after: text, isText: true, steps });
    }
    return changes;
  },
  result: ({ isLoaded, isBuiltin }, { name }) => ({ name, loaded: isLoaded || isBuiltin, builtin: isBuiltin }),
});

function fileOf(name: string): string {
  return `/etc/modules-load.d/${name}.conf`;
}
