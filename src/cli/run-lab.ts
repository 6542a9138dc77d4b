import { resolve, sep } from 'node:path';
import { labPlaybook } from './checked-playbook.ts';
import { EXIT } from './exit-code.ts';
import { ownDirectory } from './files.ts';
import type { RunFlags } from './program.ts';
import { runPlaybookFile } from './run-playbook.ts';

type LabVerb = 'provision' | 'verify' | 'destroy' | 'rebuild';

const PLAYBOOKS: Readonly<Record<Exclude<LabVerb, 'rebuild'>, string>> = {
  provision: 'site.yml',
  verify: 'verify.yml',
  destroy: 'destroy.yml',
};

/** Groups that every laboratory has; the playbooks name them. */
const LAB_GROUPS = ['hypervisors', 'iscsi_target'];

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
  const title = `${typed === verb ? `bench ${verb}` : `bench ${typed} (${verb})`}  ${inventory}`;
  const playbook = labPlaybook(PLAYBOOKS[verb]);
  return runPlaybookFile({ title, playbook, inventory, flags, groups: isShipped(playbook) ? LAB_GROUPS : [] });
}

/** The playbooks that come with bench, as opposed to those of the current folder. */
function isShipped(playbook: string): boolean {
  return resolve(playbook).startsWith(`${ownDirectory}${sep}`);
}

/** `bench run`. */
export function runFile(playbook: string, inventory: string, flags: RunFlags): Promise<number> {
  return runPlaybookFile({ title: `bench run ${playbook}  ${inventory}`, playbook, inventory, flags });
}
