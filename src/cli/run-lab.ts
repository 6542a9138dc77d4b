import { labPlaybook } from './checked-playbook.ts';
import { EXIT } from './exit-code.ts';
import type { RunFlags } from './program.ts';
import { runPlaybookFile } from './run-playbook.ts';

type LabVerb = 'provision' | 'verify' | 'destroy' | 'rebuild';

const PLAYBOOKS: Readonly<Record<Exclude<LabVerb, 'rebuild'>, string>> = {
  provision: 'site.yml',
  verify: 'verify.yml',
  destroy: 'destroy.yml',
};

/** `bench provision|verify|destroy|rebuild`. */
export async function runLab(verb: LabVerb, inventory: string, flags: RunFlags): Promise<number> {
  if (verb !== 'rebuild') return runOne(verb, verb, inventory, flags);
  const destroyed = await runOne('destroy', verb, inventory, flags);
  return destroyed === EXIT.done ? runOne('provision', verb, inventory, flags) : destroyed;
}

function runOne(
  verb: Exclude<LabVerb, 'rebuild'>,
  typed: LabVerb,
  inventory: string,
  flags: RunFlags,
): Promise<number> {
  const title = typed === verb ? `bench ${verb}` : `bench ${typed} (${verb})`;
  return runPlaybookFile({ title: `${title}  ${inventory}`, playbook: labPlaybook(PLAYBOOKS[verb]), inventory, flags });
}

/** `bench run`. */
export function runFile(playbook: string, inventory: string, flags: RunFlags): Promise<number> {
  return runPlaybookFile({ title: `bench run ${playbook}  ${inventory}`, playbook, inventory, flags });
}
