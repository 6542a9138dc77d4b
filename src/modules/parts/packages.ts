import { askShell, type CommandAnswer, type CommandProbe } from '../../contract/probe.ts';
import { BenchError, PreconditionError } from '../../core/errors.ts';
import { linesOf } from '../../core/text.ts';

export type PackageManager = 'dnf' | 'apt';

export interface PackageState {
  readonly manager: PackageManager;
  /** Those of the asked names that no installed package has or provides. */
  readonly missing: ReadonlySet<string>;
}

/**
 * The first line says which manager there is; behind it stand the tool's own words about each name. rpm is asked once
 * for names and, where one is missing, once for what packages provide (`mta`, `vim`).
 */
const QUESTION = `LC_ALL=C; export LC_ALL
if command -v dnf >/dev/null 2>&1; then
  echo dnf
  [ $# -gt 0 ] || exit 0
  rpm -q --qf 'name %{NAME}\\n' -- "$@" 2>&1 || rpm -q --whatprovides --qf 'provider %{NAME}\\n' -- "$@" 2>&1
elif command -v apt-get >/dev/null 2>&1; then
  echo apt
  [ $# -gt 0 ] || exit 0
  dpkg-query -W -f 'name \${db:Status-Status} \${Package} \${Package}:\${Architecture}\\n' -- "$@" 2>&1 ||
    dpkg-query -W -f 'provider \${db:Status-Status} \${Provides}\\n' | grep '^provider installed .' || true
else
  echo none
fi`;

export function probePackages(names: readonly string[]): CommandProbe {
  return askShell(QUESTION, ...names);
}

/** Throws `PreconditionError` where there is neither dnf nor apt, `BenchError` where the answer makes no sense. */
export function readPackages(answer: CommandAnswer, names: readonly string[]): PackageState {
  const [manager, ...lines] = linesOf(answer.stdout);
  switch (manager) {
    case 'dnf':
      return { manager, missing: new Set(missingToRpm(lines, names)) };
    case 'apt': {
      const known = namesKnownToDpkg(lines);
      return { manager, missing: new Set(names.filter((name) => !known.has(name))) };
    }
    case 'none':
      throw new PreconditionError(
        'the host has neither dnf nor apt-get',
        'bench installs packages on Fedora and Debian',
      );
    default:
      throw new BenchError(
        'E_TOOL_OUTPUT',
        `the question for packages was answered with "${manager ?? answer.stderr.trim()}"`,
      );
  }
}

/** What rpm may say about a name; anything else means that it could not look. Warnings are about its database alone. */
const RPM_WORDS = /^(name|provider) \S+$|^package \S+ is not installed$|^no package provides \S+$|^warning: /;

function missingToRpm(lines: readonly string[], names: readonly string[]): readonly string[] {
  const odd = lines.find((line) => !RPM_WORDS.test(line));
  if (odd !== undefined) throw new BenchError('E_TOOL_OUTPUT', `rpm could not look for ${names.join(', ')}: ${odd}`);
  const unnamed = names.filter((name) => lines.includes(`package ${name} is not installed`));
  const found = lines.filter((line) => line.startsWith('name ')).length;
  if (unnamed.length + found < names.length) {
    throw new BenchError('E_TOOL_OUTPUT', `rpm did not tell about each of ${names.join(', ')}`);
  }
  if (unnamed.length === 0) return [];
  const unprovided = unnamed.filter((name) => lines.includes(`no package provides ${name}`));
  const isAsked = unprovided.length > 0 || lines.some((line) => line.startsWith('provider '));
  if (!isAsked) throw new BenchError('E_TOOL_OUTPUT', `rpm did not tell what provides ${unnamed.join(', ')}`);
  return unprovided;
}

function namesKnownToDpkg(lines: readonly string[]): ReadonlySet<string> {
  const known = new Set<string>();
  const odd = lines.find((line) => /^dpkg-query: error/.test(line));
  if (odd !== undefined) throw new BenchError('E_TOOL_OUTPUT', `dpkg could not look: ${odd}`);
  for (const line of lines) {
    const [kind, status, ...rest] = line.split(' ');
    if (status !== 'installed') continue;
    if (kind === 'name') for (const name of rest) known.add(name);
    if (kind === 'provider') for (const name of rest.join(' ').split(',')) known.add(name.trim().split(' ')[0] ?? '');
  }
  known.delete('');
  return known;
}
