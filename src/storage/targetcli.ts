import { type RunStep, runShell } from '../contract/step.ts';
import { Secret } from '../core/secret.ts';

/** One line for targetcli's shell. */
export interface TargetCommand {
  readonly line: string;
  /** Complaints of this line that mean nothing, whole lines as they come on stderr. */
  readonly harmless?: readonly string[];
}

/**
 * With commands on standard input targetcli always ends with 0, and what went wrong is on stderr only: any line there that
 * is not harmless makes the step fail. Its output is thrown away because it repeats passwords. Python's own warnings (two
 * lines each) are no complaint.
 */
const SHELL = `said=$(targetcli 2>&1 >/dev/null | grep -vE '[A-Z][a-z]+Warning: |^  ')
code=0
while IFS= read -r line; do
  for good; do [ "$line" = "$good" ] && continue 2; done
  [ -z "$line" ] || { printf '%s\\n' "$line" >&2; code=1; }
done <<END
$said
END
exit $code`;

/**
 * All commands in one shell, in their order, then the configuration saved. Fed by standard input, so that no password
 * stands in a list of processes. The shell begins where the last one ended, hence the `cd`.
 */
export function targetcliStep(commands: readonly TargetCommand[]): RunStep {
  const lines = ['cd /', ...commands.map(({ line }) => line), 'cd /', 'saveconfig', 'exit'];
  const harmless = commands.flatMap((command) => command.harmless ?? []);
  return { ...runShell(SHELL, ...harmless), stdin: new Secret(`${lines.join('\n')}\n`) };
}
