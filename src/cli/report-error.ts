import { readFileSync } from 'node:fs';
import { DiagnosticError, formatDiagnostic } from '../core/diagnostic.ts';
import { BenchError, InterruptedError, MissedMarkError, UnreachableError } from '../core/errors.ts';
import { counted } from '../core/text.ts';
import { EXIT } from './exit-code.ts';

/** Tells the user what went wrong, on standard error, and gives the exit code that says the same. */
export function reportError(thrown: unknown): number {
  if (thrown instanceof DiagnosticError) {
    const files = new Set(thrown.diagnostics.flatMap(({ at }) => at?.file ?? []));
    for (const diagnostic of thrown.diagnostics) write(`${formatDiagnostic(diagnostic, sourceOf)}\n`);
    const where = files.size === 0 ? '' : ` in ${counted(files.size, 'file')}`;
    write(`${counted(thrown.diagnostics.length, 'mistake')}${where}; no host was touched`);
    return EXIT.badInput;
  }
  if (isUsageError(thrown)) return thrown.exitCode === 0 ? EXIT.done : EXIT.badInput;
  if (thrown instanceof InterruptedError) {
    write('interrupted');
    return EXIT.interrupted;
  }
  if (thrown instanceof BenchError) {
    write(`${thrown.message} [${thrown.code}]`);
    if (thrown.hint) write(`  hint: ${thrown.hint}`);
    if (thrown instanceof UnreachableError) return EXIT.unreachable;
    return thrown instanceof MissedMarkError ? EXIT.missedMark : EXIT.badInput;
  }
  write(thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
  write('this is a bug in bench: please report it with the lines above and the command that you typed');
  return EXIT.bug;
}

/** Commander throws these after it has told the user itself. */
function isUsageError(thrown: unknown): thrown is Error & { readonly exitCode: number } {
  return thrown instanceof Error && 'exitCode' in thrown && typeof thrown.exitCode === 'number';
}

function sourceOf(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch (thrown) {
    if (thrown instanceof Error && 'code' in thrown) return undefined;
    throw thrown;
  }
}

function write(line: string): void {
  process.stderr.write(`${line}\n`);
}
