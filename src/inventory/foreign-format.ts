import type { Diagnostic } from '../core/diagnostic.ts';
import { linesOf } from '../core/text.ts';

/** Ansible reads more than INI. One word about a whole file says more than a mistake in each of its lines. */
export function foreignFormat(text: string, file: string): Diagnostic | undefined {
  const lines = linesOf(text);
  const index = lines.findIndex((line) => line.trim() !== '' && !/^\s*[#;]/.test(line));
  const [first = '', second = ''] = index < 0 ? [] : lines.slice(index);
  const format = formatOf(text, first.trimEnd(), second);
  if (format === undefined) return undefined;
  return {
    code: 'E_INVENTORY_FORMAT',
    at: { file, line: text.startsWith('#!') ? 1 : index + 1, column: 1 },
    message: `this is ${format}; bench reads inventories in INI form`,
    hint: `ansible-inventory -i ${file} --list shows its groups: write each as [group] with its hosts below`,
  };
}

function formatOf(text: string, first: string, second: string): string | undefined {
  if (text.startsWith('#!')) return 'a program';
  if (first.startsWith('{')) return 'JSON';
  if (first === '---' || (/^[\w.-]+:$/.test(first) && /^\s+\S/.test(second))) return 'YAML';
  return undefined;
}
