import type { Diagnostic } from '../core/diagnostic.ts';
import type { MappingEntry, MappingNode, YamlNode } from './yaml-node.ts';

interface Pair {
  readonly key: YamlNode;
  readonly value: YamlNode;
}

/** The entries of a mapping from its pairs: keys are texts, none comes twice, `<<` is replaced by what it merges. */
export function mappingOf(pairs: readonly Pair[]): {
  readonly entries: readonly MappingEntry[];
  readonly diagnostics: readonly Diagnostic[];
} {
  const diagnostics: Diagnostic[] = [];
  const own = new Map<string, MappingEntry>();
  const merges: { readonly before: number; readonly value: YamlNode }[] = [];
  for (const { key, value } of pairs) {
    if (isMergeKey(key)) {
      merges.push({ before: own.size, value });
      continue;
    }
    const name = keyText(key);
    const first = name === undefined ? undefined : own.get(name);
    if (name === undefined) diagnostics.push(keyDiagnostic(key));
    else if (first) {
      const message = `key "${name}" stands twice; it was first given in line ${first.keyAt.line}`;
      diagnostics.push({ code: 'E_YAML_DUPLICATE_KEY', at: key.at, message, hint: 'remove one of the two' });
    } else own.set(name, { key: name, keyAt: key.at, value });
  }
  if (merges.length === 0) return { entries: [...own.values()], diagnostics };

  const ownEntries = [...own.values()];
  const taken = new Set(own.keys());
  const entries: MappingEntry[] = [];
  let done = 0;
  for (const { before, value } of merges) {
    entries.push(...ownEntries.slice(done, before));
    done = before;
    const { sources, diagnostics: problems } = mergeSources(value);
    diagnostics.push(...problems);
    for (const entry of sources.flatMap((source) => source.entries)) {
      if (taken.has(entry.key)) continue;
      taken.add(entry.key);
      entries.push(entry);
    }
  }
  return { entries: [...entries, ...ownEntries.slice(done)], diagnostics };
}

function isMergeKey(key: YamlNode): boolean {
  return key.kind === 'scalar' && key.value === '<<' && !key.isQuoted;
}

function keyText(key: YamlNode): string | undefined {
  return key.kind === 'scalar' && key.value !== null ? String(key.value) : undefined;
}

function keyDiagnostic(key: YamlNode): Diagnostic {
  if (key.kind === 'scalar') {
    return { code: 'E_YAML_KEY', at: key.at, message: 'expected a text as key, got an empty one' };
  }
  const message = `expected a text as key, got a ${key.kind}`;
  const hint = 'a value that begins with {{ needs quotes: "{{ … }}"';
  return { code: 'E_YAML_KEY', at: key.at, message, ...(key.kind === 'mapping' && { hint }) };
}

function mergeSources(value: YamlNode): {
  readonly sources: readonly MappingNode[];
  readonly diagnostics: readonly Diagnostic[];
} {
  const sources: MappingNode[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const node of value.kind === 'sequence' ? value.items : [value]) {
    if (node.kind === 'mapping') sources.push(node);
    else {
      const message = `"<<" merges mappings, got a ${node.kind}`;
      diagnostics.push({ code: 'E_YAML_MERGE', at: node.at, message });
    }
  }
  return { sources, diagnostics };
}
