import type { YamlNode } from '../contract/yaml-node.ts';
import type { Position } from '../core/diagnostic.ts';
import { DiagnosticError } from '../core/diagnostic.ts';
import { renderNode } from '../template/render.ts';

/** A variable that a task before will leave was read before that task was done. */
export class NotYetKnown extends Error {
  constructor(name: string) {
    super(`"${name}" is not known yet`);
  }
}

/** The variables that a task sees. Values that hold templates are rendered when they are read, and once. */
export type Scope = Readonly<Record<string, unknown>>;

/** Variables of one origin. A `node` may hold templates. */
export type Layer = ReadonlyMap<string, LayerValue>;

export type LayerValue =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'computed'; readonly compute: () => unknown }
  /** A task before will leave it: `note` is called when anybody looks for it. */
  | { readonly kind: 'pending'; readonly note: () => void }
  | { readonly kind: 'node'; readonly node: YamlNode };

/** Joins layers, the strongest first, into the object that templates and conditions read. */
export function createScope(layers: readonly Layer[]): Scope {
  const known = new Map<string, unknown>();
  const open = new Set<string>();

  const find = (name: PropertyKey): LayerValue | undefined => {
    if (typeof name !== 'string') return undefined;
    for (const layer of layers) {
      const value = layer.get(name);
      if (value?.kind === 'pending') value.note();
      if (value) return value;
    }
    return undefined;
  };

  const read = (name: PropertyKey): unknown => {
    if (typeof name !== 'string') return undefined;
    if (known.has(name)) return known.get(name);
    const found = find(name);
    if (!found) return undefined;
    if (found.kind === 'value') return found.value;
    if (found.kind === 'pending') throw new NotYetKnown(name);
    if (open.has(name)) throw recursion(name, found);
    open.add(name);
    try {
      const value = found.kind === 'computed' ? found.compute() : renderNode(found.node, scope);
      known.set(name, value);
      return value;
    } finally {
      open.delete(name);
    }
  };

  const scope: Scope = new Proxy<Record<string, unknown>>(
    {},
    {
      get: (_, name) => read(name),
      has: (_, name) => find(name) !== undefined,
      ownKeys: () => [...new Set(layers.flatMap((layer) => [...layer.keys()]))],
      getOwnPropertyDescriptor: (_, name) =>
        find(name) ? { configurable: true, enumerable: true, get: () => read(name) } : undefined,
    },
  );
  return scope;
}

function recursion(name: string, found: LayerValue): DiagnosticError {
  const at: Position | undefined = found.kind === 'node' ? found.node.at : undefined;
  return new DiagnosticError([
    {
      code: 'E_VARIABLE_LOOP',
      message: `the variable "${name}" is made of itself`,
      hint: 'give one of the variables in the circle another name',
      ...(at && { at }),
    },
  ]);
}

export function valueLayer(values: Readonly<Record<string, unknown>>): Layer {
  return new Map(Object.entries(values).map(([name, value]) => [name, { kind: 'value', value }]));
}

export function computedLayer(values: Readonly<Record<string, () => unknown>>): Layer {
  return new Map(Object.entries(values).map(([name, compute]) => [name, { kind: 'computed', compute }]));
}

/** The entries of a mapping as variables; of several mappings the later ones are stronger. */
export function nodeLayer(...mappings: readonly YamlNode[]): Layer {
  const layer = new Map<string, LayerValue>();
  for (const mapping of mappings) {
    if (mapping.kind !== 'mapping') continue;
    for (const { key, value } of mapping.entries) layer.set(key, { kind: 'node', node: value });
  }
  return layer;
}

/** A plain value as a node, so that templates in it are rendered; every part has the same place. */
export function toNode(value: unknown, at: Position): YamlNode {
  if (Array.isArray(value)) return { kind: 'sequence', items: value.map((item) => toNode(item, at)), at };
  if (value !== null && typeof value === 'object') {
    const entries = Object.entries(value).map(([key, item]) => ({ key, keyAt: at, value: toNode(item, at) }));
    return { kind: 'mapping', entries, at };
  }
  const isScalar = typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
  return { kind: 'scalar', value: isScalar ? value : null, at, isQuoted: true };
}
