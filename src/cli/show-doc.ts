import { z } from 'zod';
import type { Module } from '../contract/module.ts';
import { BenchError } from '../core/errors.ts';
import { suggest } from '../core/text.ts';
import { modules } from '../modules/index.ts';
import { KEYWORDS } from '../playbook/keywords.ts';
import { EXIT } from './exit-code.ts';
import { write } from './write.ts';

export interface DocFlags {
  readonly keywords?: boolean;
  readonly json?: boolean;
}

/** `bench doc`. */
export function showDoc(name: string | undefined, { keywords, json }: DocFlags): number {
  if (keywords) {
    write(KEYWORDS.map((keyword) => `${keyword.name.padEnd(22)}${keyword.summary}`).join('\n'));
  } else if (name === undefined) {
    const listed = [...modules].sort((a, b) => a.name.localeCompare(b.name));
    write(listed.map((module) => `${module.name.padEnd(18)}${module.summary}`).join('\n'));
  } else {
    const module = modules.find((candidate) => candidate.name === name);
    if (!module)
      throw new BenchError('E_UNKNOWN_MODULE', `there is no module "${name}"`, {
        hint: suggest(
          name,
          modules.map((known) => known.name),
        ),
      });
    write(json ? JSON.stringify(schemaOf(module), null, 2) : renderModule(module));
  }
  return EXIT.done;
}

type Schema = z.core.JSONSchema.BaseSchema;

function schemaOf(module: Module): Schema {
  return z.toJSONSchema(module.params, { io: 'input', unrepresentable: 'any' });
}

function renderModule(module: Module): string {
  const { properties = {}, required = [] } = schemaOf(module);
  const kinds = { resource: 'a state to reach', steps: 'a command', action: 'an action' } as const;
  const lines = [`${module.name}: ${module.summary} (${kinds[module.kind]})`, '', 'Parameters:'];
  for (const [name, property] of Object.entries(properties)) {
    if (typeof property === 'boolean') continue;
    const must = required.includes(name) ? ', required' : '';
    const preset = property.default === undefined ? '' : `, default ${JSON.stringify(property.default)}`;
    lines.push(`  ${name} (${typeOf(property)}${must}${preset})`, ...wrap(property.description ?? '', '      '));
  }
  lines.push(
    '',
    'Example:',
    ...module.example.split('\n').map((line, index) => `  ${index === 0 ? exampleHead(module.name, line) : line}`),
  );
  if (module.notes) lines.push('', 'Notes:', ...wrap(module.notes, '  '));
  return lines.join('\n');
}

function exampleHead(name: string, line: string): string {
  return line.startsWith('{') || !line.includes(':') ? `${name}: ${line}` : `${name}:\n    ${line}`;
}

function typeOf(schema: Schema | boolean): string {
  if (typeof schema === 'boolean') return 'anything';
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map(String).join(' | ');
  if (schema.anyOf) return schema.anyOf.map(typeOf).join(' or ');
  if (schema.type === 'array')
    return `list of ${Array.isArray(schema.items) || !schema.items ? 'anything' : typeOf(schema.items)}`;
  return Array.isArray(schema.type) ? schema.type.join(' or ') : (schema.type ?? 'anything');
}

const WIDTH = 96;

function wrap(text: string, indent: string): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(/\s+/).filter(Boolean)) {
    if (line.length + word.length > WIDTH && line.trim() !== '') {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  }
  if (line.trim() !== '') lines.push(line.trimEnd());
  return lines;
}
