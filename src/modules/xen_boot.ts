import { z } from 'zod';
import { bytesOf, type Change, defineResource, run, runShell } from '../contract/module.ts';
import { PreconditionError } from '../core/errors.ts';
import { wordsOf } from './parts/word-list.ts';
import { type BootState, bootProbes, readBootState, withAssignments, xenEntryOf } from './parts/xen-boot-state.ts';
import { isRunning, refusalOf } from './parts/xen-running.ts';

const params = z.strictObject({
  options: z
    .string()
    .regex(/^[^"'$`\\\n]*$/, 'quotes, $ and backslashes would not reach the hypervisor as they stand here')
    .default('')
    .meta({ description: "The hypervisor's command line.", examples: ['dom0_mem=1024M,max:1024M sched=credit'] }),
  kernel: z
    .string()
    .optional()
    .meta({
      description: 'Version of the kernel of dom0. The newest when absent.',
      examples: ['6.14.5-300.fc42.x86_64'],
    }),
  stage: z
    .enum(['configured', 'once', 'default'])
    .describe(
      '`configured`: an entry with these options is in the generated configuration. `once`: it is what boots next, and only once. `default`: it is what boots from now on; only after it has proven itself by running.',
    ),
});

type Params = z.infer<typeof params>;

export const xen_boot = defineResource({
  name: 'xen_boot',
  summary: 'Bring the host to boot Xen: configure the entry, try it once, make it the default once it ran.',
  params,
  example: '{ options: "dom0_mem=1024M,max:1024M", stage: once }',
  notes:
    'Registers `running` (Xen runs now with these options), `reboot_needed` and `entry`. The entry is found in the configuration that GRUB itself generated, by what it starts, not by its name: names are not unique. A host whose trial boot fails comes back with its old default at the next power cycle. That protects the first boot into Xen: new options of an entry that is the default already are what every boot gets. A new kernel or hypervisor needs the stage `configured` again. On Debian the settings are in /etc/default/grub.d/zz-bench.cfg. Not yet seen on a real Fedora.',
  isSlow: true,

  probe: () => bootProbes,
  read: (answers) => readBootState(answers),
  plan(state, task): readonly Change[] {
    switch (task.stage) {
      case 'configured':
        return planConfigured(state, task);
      case 'once':
        return planOnce(state, task);
      case 'default':
        return planDefault(state, task);
    }
  },
  result(state, task) {
    const running = isRunning(state.running, task);
    return {
      running,
      reboot_needed: !running,
      entry: xenEntryOf(state, wordsOf(task.options), task.kernel)?.selector ?? null,
    };
  },
});

function planConfigured(state: BootState, { options, kernel }: Params): readonly Change[] {
  const { layout, settings, config } = state;
  if (settings === undefined && !layout.isOwnFile) {
    throw new PreconditionError(`${layout.settings} is missing`, `install ${layout.prefix}-tools`);
  }
  if (!state.isInstalled)
    throw new PreconditionError('there is no hypervisor /boot/xen*.gz', 'install the package xen');
  const wanted = withAssignments(settings ?? '', {
    GRUB_CMDLINE_XEN_DEFAULT: options,
    GRUB_DEFAULT: 'saved',
    ...(layout.isOwnFile && { XEN_OVERRIDE_GRUB_DEFAULT: '0' }),
  });
  const changes: Change[] = [];
  if (wanted !== settings) {
    const steps = [{ kind: 'write', path: layout.settings, content: bytesOf(wanted) } as const];
    changes.push({ what: layout.settings, before: settings, after: wanted, isText: true, steps });
  }
  const fault =
    faultOf(state, wordsOf(options), kernel) ?? (changes.length > 0 ? 'older than its settings' : undefined);
  if (fault !== undefined) {
    const before = config === undefined ? undefined : fault;
    const steps = [run(`${layout.prefix}-mkconfig`, '-o', layout.config)];
    changes.push({ what: layout.config, before, after: 'with an entry for Xen, default saved', steps });
  }
  return changes;
}

/** What is wrong with the generated configuration. */
function faultOf(state: BootState, options: readonly string[], kernel: string | undefined): string | undefined {
  if (xenEntryOf(state, options, kernel) === undefined) return 'without an entry for Xen with these options';
  return state.config?.defaultEntry === 'saved' ? undefined : 'with another default';
}

function planOnce(state: BootState, task: Params): readonly Change[] {
  if (isRunning(state.running, task)) return [];
  const { layout, environment } = state;
  const selector = selectorOrRefuse(state, task);
  if (environment.nextEntry === selector) return [];
  return [
    {
      what: 'next boot',
      before: environment.nextEntry ?? 'the default',
      after: selector,
      steps: [run(`${layout.prefix}-reboot`, selector), proveSet(state, 'next_entry', selector)],
    },
  ];
}

function planDefault(state: BootState, task: Params): readonly Change[] {
  const { layout, environment } = state;
  if (!isRunning(state.running, task)) {
    const { message, hint } = refusalOf(state.running, task);
    throw new PreconditionError(message, hint);
  }
  const selector = selectorOrRefuse(state, task);
  if (environment.savedEntry === selector) return [];
  return [
    {
      what: 'default boot entry',
      before: environment.savedEntry ?? 'the first entry',
      after: selector,
      steps: [run(`${layout.prefix}-set-default`, selector), proveSet(state, 'saved_entry', selector)],
    },
  ];
}

function selectorOrRefuse(state: BootState, { options, kernel }: Params): string {
  const { config } = state.layout;
  if (state.config && state.config.defaultEntry !== 'saved') {
    throw new PreconditionError(
      `${config} has a fixed default, which beats a saved one`,
      'run the stage "configured" first',
    );
  }
  const found = xenEntryOf(state, wordsOf(options), kernel);
  if (found) return found.selector;
  const which = kernel === undefined ? '' : ` and kernel ${kernel}`;
  throw new PreconditionError(
    `${config} has no entry that starts Xen with "${options}"${which}`,
    'run the stage "configured" first; a kernel needs CONFIG_XEN_DOM0=y in /boot/config-VERSION to get one',
  );
}

/** The tools accept names that no entry has, with exit code 0: what they have written is what counts. */
function proveSet({ layout }: BootState, name: string, value: string) {
  const text = '"$1-editenv" list | grep -qxF -- "$2=$3" || { echo "grubenv does not say $2=$3" >&2; exit 1; }';
  return runShell(text, layout.prefix, name, value);
}
