import type { YamlNode } from '../contract/yaml-node.ts';
import type { Diagnostic, Position } from '../core/diagnostic.ts';

/** Where the readers put what is wrong. They go on after each problem, so that all come at once. */
export interface Problems {
  report(code: string, at: Position, message: string, hint?: string): void;
}

/**
 * Collects problems; the same one is kept once although its file is imported twice, and nothing is said about a line
 * that already is not right as YAML.
 */
export class ProblemList implements Problems {
  readonly #known = new Set<string>();
  readonly #brokenLines = new Set<string>();
  readonly #diagnostics: Diagnostic[] = [];

  report(code: string, at: Position, message: string, hint?: string): void {
    if (!this.#brokenLines.has(`${at.file}:${at.line}`)) {
      this.#add({ code, at, message, ...(hint && { hint }) });
    }
  }

  addYaml(diagnostics: readonly Diagnostic[]): void {
    for (const diagnostic of diagnostics) {
      if (diagnostic.at) this.#brokenLines.add(`${diagnostic.at.file}:${diagnostic.at.line}`);
      this.#add(diagnostic);
    }
  }

  /** By file in the order of reading, then by place. */
  sorted(files: Iterable<string>): readonly Diagnostic[] {
    const order = [...files];
    const rank = ({ at }: Diagnostic) => (at ? order.indexOf(at.file) : -1);
    return this.#diagnostics.toSorted(
      (a, b) => rank(a) - rank(b) || (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0),
    );
  }

  #add(diagnostic: Diagnostic): void {
    const { at, code, message } = diagnostic;
    const key = [code, at?.file, at?.line, at?.column, message].join('\n');
    if (this.#known.has(key)) return;
    this.#known.add(key);
    this.#diagnostics.push(diagnostic);
  }
}

/** Whether a value may be something else once its templates are rendered. */
export function holdsTemplate(node: YamlNode): boolean {
  switch (node.kind) {
    case 'scalar':
      return typeof node.value === 'string' && node.value.includes('{{');
    case 'sequence':
      return node.items.some(holdsTemplate);
    case 'mapping':
      return node.entries.some(({ key, value }) => key.includes('{{') || holdsTemplate(value));
  }
}

/** What stands there, for messages: `the number 644`, `"yes"`, `a mapping`, `nothing`. */
export function describeNode(node: YamlNode): string {
  if (node.kind !== 'scalar') return node.kind === 'sequence' ? 'a list' : 'a mapping';
  return describeValue(node.value);
}

/** The same for a value that was rendered. */
export function describeValue(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.length > 40 || value.includes('\n') ? 'a text' : `"${value}"`;
    case 'number':
      return `the number ${value}`;
    case 'boolean':
      return String(value);
    default:
      if (value === null || value === undefined) return 'nothing';
      return Array.isArray(value) ? 'a list' : 'a mapping';
  }
}

/** The hint for words that were booleans in YAML 1.1. */
export function booleanHint(node: YamlNode): string | undefined {
  if (node.kind !== 'scalar' || typeof node.value !== 'string') return undefined;
  if (/^(y|yes|on|true)$/i.test(node.value)) return 'write true';
  if (/^(n|no|off|false)$/i.test(node.value)) return 'write false';
  return undefined;
}
