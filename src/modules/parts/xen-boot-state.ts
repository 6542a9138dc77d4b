import { askShell, textOf } from '../../contract/module.ts';
import type { CommandAnswer, TextAnswer } from '../../contract/probe.ts';
import { PreconditionError } from '../../core/errors.ts';
import { keyValues, linesOf } from '../../core/text.ts';
import {
  findXenEntry,
  type GrubConfig,
  type GrubEntry,
  type GrubEnvironment,
  parseGrubConfig,
  parseGrubEnvironment,
  selectorOf,
} from '../../hypervisor/xen/grub.ts';
import { askRunning, hasOptions, type Running, readRunning } from './xen-running.ts';

/** How a family of distributions names GRUB's tools and files. */
export interface GrubLayout {
  readonly config: string;
  readonly prefix: 'grub2' | 'grub';
  /** File in which bench sets what it needs, and whether the file is bench's alone. */
  readonly settings: string;
  readonly isOwnFile: boolean;
}

const FEDORA: GrubLayout = {
  config: '/boot/grub2/grub.cfg',
  prefix: 'grub2',
  settings: '/etc/default/grub',
  isOwnFile: false,
};

/** Debian's xen.cfg in the same folder sets GRUB_DEFAULT too: what is sorted behind it wins. */
const DEBIAN: GrubLayout = {
  config: '/boot/grub/grub.cfg',
  prefix: 'grub',
  settings: '/etc/default/grub.d/zz-bench.cfg',
  isOwnFile: true,
};

const ENVIRONMENT = `if command -v grub2-editenv >/dev/null 2>&1; then exec grub2-editenv list; fi
exec grub-editenv list`;

export const bootProbes = [
  textOf(FEDORA.settings),
  textOf(DEBIAN.settings),
  textOf(FEDORA.config),
  textOf(DEBIAN.config),
  askShell('command -v grub2-mkconfig grub-mkconfig'),
  askShell(ENVIRONMENT),
  askRunning,
] as const;

export interface BootState {
  readonly layout: GrubLayout;
  readonly settings: string | undefined;
  readonly config: GrubConfig | undefined;
  readonly environment: GrubEnvironment;
  /** A hypervisor stands in /boot, so that GRUB can make entries for it. */
  readonly isInstalled: boolean;
  readonly running: Running;
}

export function readBootState([fedora, debian, fedoraConfig, debianConfig, tools, environment, running]: readonly [
  TextAnswer,
  TextAnswer,
  TextAnswer,
  TextAnswer,
  CommandAnswer,
  CommandAnswer,
  CommandAnswer,
]): BootState {
  const isFedora = tools.stdout.includes('grub2-mkconfig');
  if (!isFedora && !tools.stdout.includes('grub-mkconfig')) {
    throw new PreconditionError(
      'GRUB has no grub2-mkconfig and no grub-mkconfig here',
      'install grub2-tools, or grub-common on Debian',
    );
  }
  const text = isFedora ? fedoraConfig.text : debianConfig.text;
  const told = keyValues(running.stdout);
  return {
    layout: isFedora ? FEDORA : DEBIAN,
    settings: isFedora ? fedora.text : debian.text,
    config: text === undefined ? undefined : parseGrubConfig(text),
    environment: parseGrubEnvironment(environment.stdout),
    isInstalled: told.has('hypervisor'),
    running: readRunning(told),
  };
}

/** The entry that starts Xen with exactly these options, and how GRUB's tools have to be told of it. */
export function xenEntryOf(
  { config }: BootState,
  options: readonly string[],
  kernel: string | undefined,
): { readonly entry: GrubEntry; readonly selector: string } | undefined {
  const entry = config && findXenEntry(config, kernel);
  if (!config || !entry || !hasOptions(entry.hypervisor?.options ?? [], options)) return undefined;
  const selector = selectorOf(config, entry);
  return selector === undefined ? undefined : { entry, selector };
}

/**
 * A settings file with these values: each takes the place of the last assignment of its name, or comes at the end. Where
 * that one says the same already, in whatever quotes, it stays as it is.
 */
export function withAssignments(text: string, values: Readonly<Record<string, string>>): string {
  const lines = linesOf(text);
  for (const [name, value] of Object.entries(values)) {
    const at = lines.findLastIndex((line) => line.trimStart().startsWith(`${name}=`));
    if (at >= 0 && keyValues(lines[at] ?? '').get(name) === value) continue;
    const line = /^[\w.-]+$/.test(value) ? `${name}=${value}` : `${name}="${value}"`;
    if (at < 0) lines.push(line);
    else lines[at] = line;
  }
  return `${lines.join('\n')}\n`;
}
