import { z } from 'zod';
import { type Change, defineResource, type Step } from '../contract/module.ts';
import { type PackageManager, probePackages, readPackages } from './parts/packages.ts';

const packageName = z
  .string()
  .regex(/^[A-Za-z0-9][\w.+:~^-]*$/, 'not the name of a package (groups, globs, files and addresses are not taken)');

const params = z.strictObject({
  name: z.union([packageName, z.array(packageName)]).meta({
    description: 'Package, or list of packages, by name. An empty list is nothing to do.',
    examples: ['xen', ['xen', 'bridge-utils']],
  }),
  state: z.enum(['present', 'absent']).default('present').describe('Whether they shall be installed.'),
  update_cache: z
    .boolean()
    .default(false)
    .describe('Fetch the lists of packages anew before something is installed. Does nothing where nothing is missing.'),
});

type Params = z.infer<typeof params>;

const EXECUTABLE: Readonly<Record<PackageManager, string>> = { dnf: 'dnf', apt: 'apt-get' };

// `package` is a word that modules of JavaScript may not declare.
export const packageModule = defineResource({
  name: 'package',
  summary: 'Install or remove packages with dnf or apt, whichever the host has.',
  params,
  example: '{ name: [xen, grub2-tools], state: present }',
  notes:
    'All missing packages are one transaction. There is no `latest`: what is newest today is another lab tomorrow. On Debian nothing is asked (DEBIAN_FRONTEND=noninteractive), and a fresh machine needs `update_cache: true`.',
  isSlow: true,

  probe: (task) => [probePackages(namesOf(task))],
  read: ([answer], task) => readPackages(answer, namesOf(task)),
  plan({ manager, missing }, task) {
    const isWanted = task.state === 'present';
    const differing = namesOf(task).filter((name) => missing.has(name) === isWanted);
    return differing.map((name, index): Change => {
      const steps = index === 0 ? transaction(manager, task, differing) : [];
      return isWanted
        ? { what: `package ${name}`, before: undefined, after: 'installed', steps }
        : { what: `package ${name}`, before: 'installed', after: undefined, steps };
    });
  },
  result: ({ manager, missing }, task) => ({ manager, missing: namesOf(task).filter((name) => missing.has(name)) }),
});

function namesOf({ name }: Params): readonly string[] {
  return typeof name === 'string' ? [name] : [...new Set(name)];
}

function transaction(manager: PackageManager, { state, update_cache }: Params, names: readonly string[]): Step[] {
  const environment = { DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' };
  const verb = state === 'present' ? 'install' : 'remove';
  const steps: Step[] = [];
  if (update_cache && state === 'present') {
    const argv = manager === 'dnf' ? ['dnf', '-y', '--refresh', 'makecache'] : ['apt-get', '-y', 'update'];
    steps.push({ kind: 'run', argv, environment });
  }
  steps.push({ kind: 'run', argv: [EXECUTABLE[manager], '-y', verb, ...names], environment });
  return steps;
}
