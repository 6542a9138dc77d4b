import type { Module } from '../contract/module.ts';
import type { MappingEntry, MappingNode, YamlNode } from '../contract/yaml-node.ts';
import type { Problems } from './problems.ts';
import { describeNode } from './problems.ts';

/** A module's parameters as one mapping, out of what stands behind its name and in `args`. Undefined when it is none. */
export function readArgs(
  { key, keyAt, value }: MappingEntry,
  module: Module,
  more: YamlNode | undefined,
  problems: Problems,
): MappingNode | undefined {
  const own = ownArgs(value, module, keyAt, problems);
  if (!own || more?.kind !== 'mapping') return own;
  const taken = new Map(own.entries.map((entry) => [entry.key, entry]));
  for (const entry of more.entries) {
    if (taken.has(entry.key)) {
      problems.report(
        'E_DUPLICATE_KEY',
        entry.keyAt,
        `parameter "${entry.key}" stands in "args" and in "${key}"`,
        'remove one of the two',
      );
    }
  }
  return { ...own, entries: [...own.entries, ...more.entries.filter((entry) => !taken.has(entry.key))] };
}

function ownArgs(
  value: YamlNode,
  module: Module,
  keyAt: MappingEntry['keyAt'],
  problems: Problems,
): MappingNode | undefined {
  if (value.kind === 'mapping') return value;
  if (value.kind === 'scalar' && value.value === null) return { kind: 'mapping', entries: [], at: keyAt };
  const { freeForm, name } = module;
  if (value.kind === 'scalar' && freeForm !== undefined) {
    const text: YamlNode = typeof value.value === 'string' ? value : { ...value, value: String(value.value) };
    return { kind: 'mapping', entries: [{ key: freeForm, keyAt: value.at, value: text }], at: value.at };
  }
  const pairs = value.kind === 'scalar' ? pairsHint(String(value.value)) : undefined;
  problems.report(
    'E_WRONG_TYPE',
    value.at,
    `${name} takes a mapping of parameters, got ${describeNode(value)}`,
    pairs ?? `an example: ${name}: ${module.example.trim().split('\n')[0]}`,
  );
  return undefined;
}

/** `src=a dest=b` as the mapping that it has to be. */
function pairsHint(text: string): string | undefined {
  const pairs = [...text.matchAll(/(\w+)=("[^"]*"|'[^']*'|\S+)/g)];
  if (pairs.length === 0) return undefined;
  return `write { ${pairs.map(([, key, value]) => `${key}: ${value}`).join(', ')} }`;
}
