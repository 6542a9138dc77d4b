import { z } from 'zod';
import type { ActionResult, StepResult } from '../../contract/module.ts';
import { type Answer, askShell, type Probe, pathOf } from '../../contract/probe.ts';
import { linesOf, tailOf } from '../../core/text.ts';
import { absolutePath } from './attributes.ts';

/** Parameters that `command` and `shell` share, to be spread into their schemas. */
export const commandParams = {
  chdir: absolutePath.optional().describe('Folder of the host to run in.'),
  creates: z
    .string()
    .optional()
    .meta({ description: 'Path or glob: nothing runs where it is already there.', examples: ['/etc/bench.done'] }),
  removes: z
    .string()
    .optional()
    .meta({ description: 'Path or glob: nothing runs where it is not there.', examples: ['/etc/bench.todo'] }),
  stdin: z.string().optional().describe('Text for the standard input, which is empty otherwise.'),
};

interface Conditions {
  readonly chdir?: string | undefined;
  readonly creates?: string | undefined;
  readonly removes?: string | undefined;
}

/** Asks for what decides whether the command runs; `creates` first. */
export function probeConditions({ chdir, creates, removes }: Conditions): readonly Probe[] {
  return [creates, removes].filter((path) => path !== undefined).map((path) => probeExistence(path, chdir));
}

function probeExistence(path: string, chdir: string | undefined): Probe {
  const absolute = path.startsWith('/') ? path : `${chdir ?? ''}/${path}`;
  if (!/[*?[]/.test(absolute)) return pathOf(absolute);
  // Everything but the glob's own characters is quoted, so that the shell expands them and nothing else.
  const pattern = absolute.replace(/[^\w./*?[\]-]/g, '\\$&');
  return askShell(`for path in ${pattern}; do [ -e "$path" ] && exit 0; done; exit 1`);
}

/** Why the command need not run, if so. */
export function reasonToSkip(answers: readonly Answer[], { creates, removes }: Conditions): string | undefined {
  const found = answers.map((answer) =>
    answer.kind === 'command' ? answer.code === 0 : answer.kind === 'path' && answer.entry !== undefined,
  );
  if (creates !== undefined && found[0]) return `${creates} is there`;
  if (removes !== undefined && !found.at(-1)) return `${removes} is not there`;
  return undefined;
}

/** What `register` keeps of a command, in Ansible's words: outputs without their final line ends. */
export function commandResult(results: readonly StepResult[], cmd: string | readonly string[]): ActionResult {
  const result = results.at(-1);
  if (!result) return { changed: false, failed: 'the command did not run' };
  const stdout = result.stdout.replace(/[\r\n]+$/, '');
  const stderr = result.stderr.replace(/[\r\n]+$/, '');
  const data = {
    cmd,
    rc: result.code,
    stdout,
    stderr,
    stdout_lines: linesOf(stdout),
    stderr_lines: linesOf(stderr),
    elapsed_ms: result.elapsedMs,
  };
  if (result.code === 0) return { changed: true, data };
  const said = tailOf(stderr || stdout, 5);
  return { changed: true, data, failed: `exit code ${result.code}${said && `: ${said}`}` };
}
