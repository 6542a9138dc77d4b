import { z } from 'zod';
import type { Module } from '../contract/module.ts';
import { parseYaml } from '../contract/parse-yaml.ts';
import { toPlain } from '../contract/yaml-node.ts';
import { BenchError } from '../core/errors.ts';
import { linesOf, suggest } from '../core/text.ts';
import { modules } from '../modules/index.ts';
import { indented, wrap } from '../output/layout.ts';
import { DIFFERENCES } from '../playbook/differences.ts';
import { KEYWORDS } from '../playbook/keywords.ts';
import { TEMPLATE_HELPERS } from '../template/helpers.ts';
import { EXIT } from './exit-code.ts';
import { moduleTable } from './module-table.ts';
import { screenWidth } from './screen.ts';
import { write } from './write.ts';

export interface DocFlags {
  readonly keywords?: boolean;
  readonly helpers?: boolean;
  readonly differences?: boolean;
  readonly json?: boolean;
}

/** `bench doc`. */
export function showDoc(name: string | undefined, { keywords, helpers, differences, json }: DocFlags): number {
  if (keywords) {
    write(json ? JSON.stringify(KEYWORDS, null, 2) : columns(KEYWORDS, 22));
  } else if (helpers) {
    const listed = TEMPLATE_HELPERS.map(({ usage, summary }) => ({ name: usage, summary }));
    write(json ? JSON.stringify(listed, null, 2) : columns(listed, 28));
  } else if (differences) {
    write(json ? JSON.stringify(DIFFERENCES, null, 2) : DIFFERENCES.flatMap(bullet).join('\n'));
  } else if (name === undefined) {
    const listed = [...modules].sort((a, b) => a.name.localeCompare(b.name));
    const summaries = listed.map(({ name: word, summary }) => ({ name: word, summary }));
    write(json ? JSON.stringify(summaries, null, 2) : columns(summaries, 18));
  } else {
    const module = moduleTable.get(name);
    if (!module) {
      const hint = suggest(name, moduleTable.keys());
      throw new BenchError('E_UNKNOWN_MODULE', `there is no module "${name}"`, { hint });
    }
    write(json ? JSON.stringify(schemaOf(module), null, 2) : renderModule(module));
  }
  return EXIT.done;
}

function bullet(text: string): string[] {
  const [first = '', ...more] = wrap(text, screenWidth() - 2);
  return [`- ${first}`, ...indented(more, 2)];
}

/** Names, and beside them what they mean; a long name has a line of its own. */
function columns(rows: readonly { readonly name: string; readonly summary: string }[], width: number): string {
  return rows
    .flatMap(({ name, summary }) => {
      const [first = '', ...more] = wrap(summary, screenWidth() - width);
      if (name.length >= width) return [name, ...indented([first, ...more], width)];
      return [`${name.padEnd(width)}${first}`, ...indented(more, width)];
    })
    .join('\n');
}

type Schema = z.core.JSONSchema.BaseSchema;

function schemaOf(module: Module): Schema {
  return z.toJSONSchema(module.params, { io: 'input', unrepresentable: 'any' });
}

const KIND = { resource: 'a state to reach', steps: 'a command', action: 'an action' } as const;

function renderModule(module: Module): string {
  const width = screenWidth();
  return [
    ...wrap(`${module.name} (${KIND[module.kind]}): ${module.summary}`, width),
    '',
    'Parameters:',
    ...parameterLines(schemaOf(module), width - 2, module.freeForm).map((line) => `  ${line}`),
    '',
    'Example:',
    ...exampleLines(module, width).map((line) => `  ${line}`),
    ...(module.notes ? ['', 'Notes:', ...indented(wrap(module.notes.replaceAll(/\s+/g, ' '), width - 2), 2)] : []),
  ].join('\n');
}

function parameterLines(schema: Schema, width: number, freeForm?: string): string[] {
  const { properties = {}, required = [] } = schema;
  return Object.entries(properties).flatMap(([name, property]) => {
    if (typeof property === 'boolean') return [];
    const must = required.includes(name) ? ', required' : '';
    const preset = property.default === undefined ? '' : `, default ${JSON.stringify(property.default)}`;
    const bare = name === freeForm ? ', or as a bare text' : '';
    const items = Array.isArray(property.items) || typeof property.items === 'boolean' ? undefined : property.items;
    return [
      ...wrap(`${name} (${typeOf(property)}${must}${preset}${bare})`, width),
      ...indented(
        wrap(property.description ?? '', width - 4).filter((line) => line !== ''),
        4,
      ),
      ...indented(parameterLines(property.properties ? property : (items ?? {}), width - 4), 4),
    ];
  });
}

/** The example as a task writes it; what is too long for one line has a line for each parameter. */
function exampleLines({ name, example }: Module, width: number): string[] {
  const lines = linesOf(example);
  const [first = ''] = lines;
  if (lines.length > 1 || !first.startsWith('{')) {
    return first.includes(': ') || lines.length > 1 ? [`${name}:`, ...indented(lines, 2)] : [`${name}: ${first}`];
  }
  const whole = `${name}: ${first}`;
  if (whole.length <= width - 2) return [whole];
  const { node } = parseYaml(example, name);
  if (node?.kind !== 'mapping') return [whole];
  const entries = Object.entries(toPlain(node) ?? {});
  return [`${name}:`, ...entries.map(([key, value]) => `  ${key}: ${inFlow(value)}`)];
}

/** A value of an example in YAML's flow style, with quotes only where they are needed. */
function inFlow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(inFlow).join(', ')}]`;
  if (value !== null && typeof value === 'object') {
    return `{ ${Object.entries(value)
      .map(([key, inner]) => `${key}: ${inFlow(inner)}`)
      .join(', ')} }`;
  }
  const isPlain =
    typeof value !== 'string' || /^(?!true$|false$|yes$|no$|on$|off$|null$)[A-Za-z/][\w./:@-]*$/i.test(value);
  return isPlain && !String(value).endsWith(':') ? String(value) : JSON.stringify(value);
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
