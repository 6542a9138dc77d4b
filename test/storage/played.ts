import type { CommandAnswer, CommandProbe } from '../../src/contract/probe.ts';
import type { Change, RunStep } from '../../src/contract/step.ts';
import { Secret } from '../../src/core/secret.ts';
import type { PlayedHost } from '../mock-tools/payload.ts';

const quote = (word: string) => `'${word.replaceAll("'", "'\\''")}'`;

/** Runs a probe on a played host. */
export async function answerOf(host: PlayedHost, { argv, stdin }: CommandProbe): Promise<CommandAnswer> {
  const { exit, stdout, stderr } = await host.run(argv.map(quote).join(' '), stdin);
  return { kind: 'command', code: exit, stdout, stderr };
}

/** Runs the steps of all changes in their order; rejects with the complaint of the first that ends with another code than 0. */
export async function runSteps(host: PlayedHost, changes: readonly Change[]): Promise<void> {
  for (const step of runStepsOf(changes)) {
    const ran = await host.run(step.argv.map(quote).join(' '), inputOf(step));
    if (ran.exit !== 0) throw new Error(`${step.argv[0]} ended with ${ran.exit}: ${ran.stderr}`);
  }
}

/** What the steps feed to the standard input of their commands. */
export function linesFed(changes: readonly Change[]): string {
  return runStepsOf(changes).map(inputOf).join('');
}

function runStepsOf(changes: readonly Change[]): readonly RunStep[] {
  return changes.flatMap(({ steps }) => steps).flatMap((step) => (step.kind === 'run' ? [step] : []));
}

function inputOf({ stdin = '' }: RunStep): string {
  return stdin instanceof Secret ? stdin.reveal() : stdin;
}
