import type { MappingNode } from '../contract/yaml-node.ts';
import type { Position } from '../core/diagnostic.ts';
import type { Problems } from './problems.ts';

/** Variables that bench itself gives; nothing else can be named so. */
export const MAGIC_VARIABLES: readonly string[] = [
  'ansible_check_mode',
  'ansible_play_hosts',
  'bench',
  'facts',
  'group_names',
  'groups',
  'hostvars',
  'inventory_dir',
  'inventory_file',
  'inventory_hostname',
  'inventory_hostname_short',
  'omit',
  'play_hosts',
  'playbook_dir',
];

/** Whether a text can name a variable of the user's; where it cannot, that is reported. */
export function checkVariableName(name: string, at: Position, problems: Problems): boolean {
  if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) {
    const safe = name.replaceAll(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_');
    const hint = safe === '' ? undefined : `letters, digits and _ make a name: ${safe}`;
    problems.report('E_VARIABLE_NAME', at, `"${name}" is no name for a variable`, hint);
    return false;
  }
  if (MAGIC_VARIABLES.includes(name)) {
    problems.report('E_VARIABLE_NAME', at, `"${name}" is a variable of bench's own`, `choose another name: my_${name}`);
    return false;
  }
  return true;
}

export function checkVariableNames(mapping: MappingNode, problems: Problems): void {
  for (const { key, keyAt } of mapping.entries) checkVariableName(key, keyAt, problems);
}
