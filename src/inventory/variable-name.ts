import type { Position } from '../core/diagnostic.ts';
import type { Draft } from './draft.ts';

/** Whether a text can name a variable; where it cannot, that is noted. */
export function checkVariableName(draft: Pick<Draft, 'diagnostics'>, name: string, at: Position): boolean {
  if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return true;
  const safe = name.replaceAll(/[^A-Za-z0-9_]/g, '_').replace(/^(?=\d)/, '_');
  draft.diagnostics.push({
    code: 'E_INVENTORY_VARIABLE_NAME',
    at,
    message: name === '' ? 'a variable name is missing before =' : `"${name}" is no variable name`,
    hint: name === '' ? 'write key=value' : `letters, digits and _ make a name: ${safe}`,
  });
  return false;
}
