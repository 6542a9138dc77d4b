import { Command, InvalidArgumentError, Option } from 'commander';
import { version } from './version.ts';

/** Options of every command that runs a playbook; as commander gives them. */
export interface RunFlags {
  readonly limit?: string;
  readonly tags?: string[];
  readonly skipTags?: string[];
  readonly extraVars?: string[];
  readonly check?: boolean;
  readonly diff?: boolean;
  readonly forks?: number;
  readonly startAtTask?: string;
  readonly step?: boolean;
  readonly oneByOne?: boolean;
  readonly listHosts?: boolean;
  readonly listTasks?: boolean;
  readonly listTags?: boolean;
  readonly timeout?: string;
  readonly resume?: boolean;
  readonly output?: 'view' | 'lines' | 'json';
  readonly junit?: string;
  readonly verbose?: number;
  readonly askPass?: boolean;
  readonly askBecomePass?: boolean;
}

/** Wider lines are hard to read; commander takes 80 for a pipe, which breaks the list of commands. */
const HELP_WIDTH = 100;

/** The whole command line. What a command needs is loaded when that command runs. */
export function createProgram(): Command {
  const program = new Command('bench')
    .description(
      'Provision a Xen live-migration laboratory and measure migrations with an honest interval for every figure.',
    )
    .version(version)
    .exitOverride()
    .configureHelp({ helpWidth: Math.min(HELP_WIDTH, process.stdout.columns || HELP_WIDTH) })
    .showHelpAfterError('  hint: bench --help')
    .addHelpText(
      'after',
      `
Exit codes: 0 done, 1 a task failed, 2 bad input, 3 a host unreachable, 4 verify missed its mark,
            70 a bug in bench, 130 interrupted`,
    );

  for (const [name, summary] of [
    ['provision', 'set up the whole laboratory and verify it'],
    ['verify', 'run the smoke and the benchmark migration and show their figures'],
    ['destroy', 'undo what the laboratory owns'],
    ['rebuild', 'destroy, then provision'],
  ] as const) {
    runOptions(program.command(name).description(summary).argument('<inventory>', 'inventory file')).action(
      async (inventory: string, flags: RunFlags) => {
        const { runLab } = await import('./run-lab.ts');
        process.exitCode = await runLab(name, inventory, flags);
      },
    );
  }

  runOptions(
    program
      .command('run')
      .description('run a playbook')
      .argument('<playbook>', 'playbook file')
      .requiredOption('-i, --inventory <file>', 'inventory file'),
  ).action(async (playbook: string, flags: RunFlags & { readonly inventory: string }) => {
    const { runFile } = await import('./run-lab.ts');
    process.exitCode = await runFile(playbook, flags.inventory, flags);
  });

  program
    .command('exec')
    .description('run a command on hosts: bench exec inventory/lab.ini xen_hosts -- uname -r')
    .argument('<inventory>', 'inventory file')
    .argument('<pattern>', 'hosts, as in a play')
    .argument('<command...>', 'command and its arguments, after --')
    .option('-b, --become', 'run it as root')
    .option('-f, --forks <n>', 'hosts at the same time', positiveInteger)
    .action(async (inventory: string, pattern: string, command: string[], flags) => {
      const { execOnHosts } = await import('./exec.ts');
      process.exitCode = await execOnHosts(inventory, pattern, command, flags);
    });

  program
    .command('facts')
    .description('show what hosts are')
    .argument('<inventory>', 'inventory file')
    .argument('[pattern]', 'hosts, as in a play', 'all')
    .option('--json', 'as one JSON object by host name')
    .action(async (inventory: string, pattern: string, flags) => {
      const { showFacts } = await import('./show-facts.ts');
      process.exitCode = await showFacts(inventory, pattern, flags);
    });

  program
    .command('inventory')
    .description('show an inventory')
    .argument('<inventory>', 'inventory file')
    .addOption(new Option('--json', 'in the shape of ansible-inventory --list').conflicts(['graph', 'host']))
    .addOption(new Option('--graph', 'groups as a tree').conflicts(['host']))
    .option('--host <name>', 'variables of one host')
    .option('--explain', 'where each variable comes from')
    .action(async (inventory: string, flags) => {
      const { showInventory } = await import('./show-inventory.ts');
      process.exitCode = showInventory(inventory, flags);
    });

  program
    .command('doc')
    .description('explain a module, or list all of them')
    .argument('[module]', 'name of a module')
    .option('--keywords', 'list the keywords of playbooks')
    .option('--helpers', 'list the helpers of templates')
    .option('--differences', 'tell where playbooks mean something else than with Ansible')
    .option('--json', 'as JSON; one module as JSON Schema')
    .action(async (module: string | undefined, flags) => {
      const { showDoc } = await import('./show-doc.ts');
      process.exitCode = showDoc(module, flags);
    });

  program
    .command('lint')
    .description('check playbooks and inventory without touching a host')
    .argument('<playbook>', 'playbook file')
    .requiredOption('-i, --inventory <file>', 'inventory file')
    .option('-e, --extra-vars <vars>', 'name=value, JSON, or @file', collect, [])
    .action(async (playbook: string, flags) => {
      const { lint } = await import('./lint.ts');
      process.exitCode = lint(playbook, flags);
    });

  program
    .command('runs')
    .description('list stored runs, or show one')
    .argument('[run]', 'id of a run, or "latest"')
    .option('--json', 'as JSON')
    .option('-v, --verbose', 'also what it changed; twice: also what was ok', countUp, 0)
    .action(async (run: string | undefined, flags) => {
      const { showRuns } = await import('./show-runs.ts');
      process.exitCode = showRuns(run, flags);
    });

  const lab = program.command('lab').description('practice laboratories that bench makes itself');
  for (const [name, summary] of [
    ['up', 'make or complete it'],
    ['down', 'remove it'],
    ['status', 'show its hosts'],
  ] as const) {
    lab
      .command(name)
      .description(summary)
      .argument('<kind>', 'mock')
      .option('--hosts <n>', 'Xen hosts', positiveInteger, 2)
      .action(async (kind: string, flags: { readonly hosts: number }) => {
        const { runLabCommand } = await import('./lab.ts');
        process.exitCode = await runLabCommand(name, kind, flags.hosts);
      });
  }
  for (const command of [...program.commands, ...lab.commands]) {
    const path = command.parent === program ? command.name() : `lab ${command.name()}`;
    command.showHelpAfterError(`  hint: bench ${path} --help`);
  }
  return program;
}

function runOptions(command: Command): Command {
  return command
    .option('-l, --limit <pattern>', 'only these hosts')
    .option('-t, --tags <tags>', 'only tasks with these tags', collectWords)
    .option('--skip-tags <tags>', 'no tasks with these tags', collectWords)
    .option('-e, --extra-vars <vars>', 'name=value, JSON, or @file; may be repeated', collect)
    .option('-C, --check', 'tell what would change, change nothing')
    .option('-D, --diff', 'show what changes inside files')
    .option('-f, --forks <n>', 'hosts at the same time', positiveInteger)
    .option('--start-at-task <name>', 'skip the tasks before this one')
    .option('--step', 'ask before each task')
    .option('--one-by-one', 'send each task by itself')
    .option('--list-hosts', 'list the hosts, run nothing')
    .option('--list-tasks', 'list the tasks, run nothing')
    .option('--list-tags', 'list the tags, run nothing')
    .option('--timeout <time>', 'limit of the whole run, such as 30m')
    .option('--resume', 'go on where the last run stopped')
    .addOption(new Option('-o, --output <form>', 'what is printed').choices(['view', 'lines', 'json']))
    .option('--junit <file>', 'also write a JUnit report')
    .option('-k, --ask-pass', 'ask for the ssh password')
    .option('-K, --ask-become-pass', 'ask for the sudo password')
    .option('-v, --verbose', 'tell more; may be repeated', countUp, 0);
}

function countUp(_: string, before: number): number {
  return before + 1;
}

function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value];
}

function collectWords(value: string, before: readonly string[] = []): string[] {
  return [...before, ...value.split(',').filter((word) => word !== '')];
}

function positiveInteger(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('a whole number from 1 is needed');
  return value;
}
