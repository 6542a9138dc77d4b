import type { RunStep, Step, WriteStep } from '../contract/step.ts';
import { PreconditionError } from '../core/errors.ts';
import { formatMode } from '../core/mode.ts';
import { Secret } from '../core/secret.ts';
import { renderBytes } from './compile-probes.ts';
import { plainPath, quote, quoteAll } from './quote.ts';

/** What a write step writes: bytes that travel within the script, or a file that was sent before it under that name. */
export type PreparedContent =
  | { readonly kind: 'inline'; readonly bytes: Uint8Array }
  | { readonly kind: 'sent'; readonly name: string; readonly sha256: string };

export interface StepPlace {
  readonly slot: number;
  /** Random part of the names of temporary files. */
  readonly nonce: string;
  readonly contentOf: (step: WriteStep) => PreparedContent;
}

/** Shell text that runs the step between its markers and then, where the step failed, runs `onFailure`. */
export function compileStep(step: Step, place: StepPlace, onFailure: 'exit 0' | 'break'): string {
  const { slot } = place;
  const body = step.kind === 'run' ? renderRun(step, slot, onFailure) : `(${renderWrite(step, place)})\nc=$?`;
  return `bench_b ${slot}\n${body}\nbench_e ${slot} $c\n${renderVerdict(step, onFailure)}`;
}

function renderVerdict(step: Step, onFailure: string): string {
  const accept = (step.kind === 'run' ? step.accept : undefined) ?? [0];
  if (accept === 'any') return ':';
  return `case $c in ${accept.length === 0 ? '' : `${accept.join('|')}) ;; `}*) ${onFailure} ;; esac`;
}

/** Leaves the exit code in `c`. A folder that cannot be entered fails the step whatever codes it accepts. */
function renderRun(step: RunStep, slot: number, onFailure: string): string {
  const command = `(${renderEnvironment(step.environment)}${quoteAll(step.argv)})`;
  const fed = step.stdin === undefined ? command : `${renderBytes(bytesOf(step.stdin))} | ${command}`;
  if (step.directory === undefined) return `${fed}\nc=$?`;
  return [
    `if cd -- ${quote(plainPath(step.directory))}; then ${fed}`,
    'c=$?; cd -- "$bench_home" 2>/dev/null || cd /',
    `else bench_e ${slot} 1; ${onFailure}; fi`,
  ].join('\n');
}

function bytesOf(stdin: string | Secret): Uint8Array {
  return new TextEncoder().encode(stdin instanceof Secret ? stdin.reveal() : stdin);
}

/** `export` words with a closing semicolon; nothing for no variables. */
export function renderEnvironment(environment: Readonly<Record<string, string>> = {}): string {
  const words = Object.entries(environment).map(([name, value]) => {
    if (!/^[A-Za-z_]\w*$/.test(name)) throw new PreconditionError(`"${name}" is no name for an environment variable`);
    return `${name}=${quote(value)}`;
  });
  return words.length === 0 ? '' : `export ${words.join(' ')}; `;
}

/**
 * The file is made beside its target under a name that nobody can guess or follow, gets owner, then mode (a change of
 * owner clears set-id bits), is validated, and takes its place by a rename. A symbolic link at the path is replaced itself.
 */
function renderWrite(step: WriteStep, { slot, nonce, contentOf }: StepPlace): string {
  const path = plainPath(step.path);
  const folder = path.slice(0, path.lastIndexOf('/') + 1);
  return [
    `p=${quote(path)}; d=${quote(folder)}; t=${quote(`${folder}.bench-${nonce}-${slot}`)}`,
    'no() { echo "$*" >&2; exit 1; }',
    '[ -d "$d" ] || no "the folder $d does not exist"',
    'if [ -d "$p" ]; then no "$p is a directory"; fi',
    `trap 'rm -f -- "$t"' 0; trap 'exit 143' 1 2 15`,
    'umask 077; set -C',
    ...renderContent(contentOf(step)),
    ...renderOwnership(step),
    'if [ -e /sys/fs/selinux/enforce ] && [ -e "$p" ]; then chcon --reference="$p" -- "$t" 2>/dev/null || :; fi',
    ...renderValidation(step),
    'mv -f -- "$t" "$p" || exit 1',
    'trap - 0',
  ].join('\n');
}

function renderContent(content: PreparedContent): readonly string[] {
  if (content.kind === 'inline') return [`${renderBytes(content.bytes)} >"$t" || no "$t could not be written"`];
  return [
    `[ -f "$bench_dir/${content.name}" ] || no "what was sent ahead for $p could not be kept (is /var/tmp full?)"`,
    `cat -- "$bench_dir/${content.name}" >"$t" || no "$t could not be written"`,
    `s=$(sha256sum <"$t"); [ "\${s%% *}" = ${content.sha256} ] || no "what arrived for $p is not what was sent (is /var/tmp full, or did the file change?)"`,
  ];
}

function renderOwnership({ mode, owner, group }: WriteStep): readonly string[] {
  const lines = ['m=0644; u=; g='];
  if (mode === undefined || owner === undefined || group === undefined) {
    lines.push(
      'if [ -f "$p" ]; then s=$(stat -L -c "%a %u %g" -- "$p") || exit 1',
      `m=\${s%% *}; g=\${s##* }; u=\${s#* }; u=\${u%% *}; fi`,
    );
  }
  if (owner !== undefined) lines.push(`u=${quote(owner)}`);
  if (group !== undefined) lines.push(`g=${quote(group)}`);
  return [
    ...lines,
    'case $u:$g in :) ;; :*) chgrp -- "$g" "$t" || exit 1 ;; *:) chown -- "$u" "$t" || exit 1 ;; *) chown -- "$u:$g" "$t" || exit 1 ;; esac',
    `chmod ${mode === undefined ? '"$m"' : formatMode(mode)} "$t" || exit 1`,
  ];
}

function renderValidation({ validate }: WriteStep): readonly string[] {
  if (!validate) return [];
  const words = validate.map((word) => word.split('%s').map(quote).join('"$t"'));
  return [`(${words.join(' ')}) || no "the new content of $p was refused by: "${quote(validate.join(' '))}`];
}
