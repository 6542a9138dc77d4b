import { counted } from '../core/text.ts';
import { readPlaybook } from './checked-playbook.ts';
import { EXIT } from './exit-code.ts';
import { readExtraVars } from './extra-vars.ts';
import { readInventory } from './inventory-file.ts';
import { write } from './write.ts';

export interface LintFlags {
  readonly inventory: string;
  readonly extraVars: readonly string[];
}

/** `bench lint`: everything that a run would check before it touches a host. */
export function lint(path: string, flags: LintFlags): number {
  const playbook = readPlaybook(path, readInventory(flags.inventory), readExtraVars(flags.extraVars));
  write(`${counted(playbook.plays.length, 'play')} in ${counted(playbook.sources.size, 'file')}, nothing wrong`);
  return EXIT.done;
}
