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
 * for names and, where one is missing, once for what packages provide: `rpm -q /usr/bin/vi`, `rpm -q mta`.
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
      return { manager, missing: new Set(names.filter((name) => !isKnownToRpm(lines, name))) };
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

function isKnownToRpm(lines: readonly string[], name: string): boolean {
  const isMissing =
    lines.includes(`package ${name} is not installed`) ||
    lines.includes(`error: file ${name}: No such file or directory`) ||
    lines.includes(`file ${name} is not owned by any package`);
  if (!isMissing) {
    const said = lines.find(
      (line) =>
        !/^(name|provider) \S+$|^package \S+ is not installed$|^no package provides |^file \S+ is not owned|^error: file /.test(
          line,
        ),
    );
    if (said !== undefined) throw new BenchError('E_TOOL_OUTPUT', `rpm could not tell about ${name}: ${said}`);
    if (!lines.some((line) => line.startsWith('name ')))
      throw new BenchError('E_TOOL_OUTPUT', `rpm said nothing about ${name}`);
    return true;
  }
  const isProvided =
    !lines.includes(`no package provides ${name}`) && lines.some((line) => line.startsWith('provider '));
  return isProvided && !name.startsWith('/');
}

function namesKnownToDpkg(lines: readonly string[]): ReadonlySet<string> {
  const known = new Set<string>();
  for (const line of lines) {
    const [kind, status, ...rest] = line.split(' ');
    if (status !== 'installed') continue;
    if (kind === 'name') for (const name of rest) known.add(name);
    if (kind === 'provider') for (const name of rest.join(' ').split(',')) known.add(name.trim().split(' ')[0] ?? '');
  }
  known.delete('');
  return known;
}
