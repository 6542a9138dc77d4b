import type { Position } from '../core/diagnostic.ts';

/** A YAML value with the place where each part of it stands. */
export type YamlNode = ScalarNode | SequenceNode | MappingNode;

export interface ScalarNode {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
  readonly at: Position;
  /** False for a plain scalar, true for a quoted or block one. */
  readonly isQuoted: boolean;
}

export interface SequenceNode {
  readonly kind: 'sequence';
  readonly items: readonly YamlNode[];
  readonly at: Position;
}

export interface MappingNode {
  readonly kind: 'mapping';
  readonly entries: readonly MappingEntry[];
  readonly at: Position;
}

export interface MappingEntry {
  readonly key: string;
  readonly keyAt: Position;
  readonly value: YamlNode;
}

/** A text with its place: a condition, a template, a name. */
export interface LocatedText {
  readonly text: string;
  readonly at: Position;
}

/** Plain value of a node, templates left as they are. */
export function toPlain(node: YamlNode): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'sequence':
      return node.items.map(toPlain);
    case 'mapping':
      return Object.fromEntries(node.entries.map(({ key, value }) => [key, toPlain(value)]));
  }
}
