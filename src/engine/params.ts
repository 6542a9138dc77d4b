import type { z } from 'zod';
import type { Module } from '../contract/module.ts';
import type { MappingNode, YamlNode } from '../contract/yaml-node.ts';
import { type Diagnostic, DiagnosticError } from '../core/diagnostic.ts';
import { renderNode } from '../template/render.ts';
import type { Scope } from './scope.ts';

/** Renders a task's parameters and checks them by the module's schema; what is wrong is told at the parameter's place. */
export function parseParams(module: Module, args: MappingNode, scope: Scope): unknown {
  const rendered = renderNode(args, scope);
  const parsed = parseLeniently(module, rendered);
  if (parsed.success) return parsed.data;
  const diagnostics = parsed.error.issues.map(
    (issue): Diagnostic => ({
      code: 'E_WRONG_PARAMETER',
      at: nodeAt(args, issue.path).at,
      message: `${[module.name, ...issue.path.map(String)].join('.')}: ${issue.message}`,
      hint: `bench doc ${module.name}`,
    }),
  );
  throw new DiagnosticError(diagnostics);
}

/**
 * A number for a text and the other way round are taken: a template gave them, whose author sees only a name. What stands in
 * the file itself was checked when it was read.
 */
function parseLeniently(module: Module, rendered: unknown) {
  const parsed = module.params.safeParse(rendered);
  if (parsed.success) return parsed;
  const { issues } = parsed.error;
  const converted = issues.reduce(withConversion, rendered);
  return converted === rendered ? parsed : module.params.safeParse(converted);
}

function withConversion(root: unknown, issue: z.core.$ZodIssue): unknown {
  const { path } = issue;
  // A mode's digits mean something else as a number.
  if (issue.code !== 'invalid_type' || path.at(-1) === 'mode') return root;
  const value = path.reduce((inner: unknown, key) => (isContainer(inner) ? Reflect.get(inner, key) : undefined), root);
  const converted = convert(value, issue.expected);
  return converted === undefined ? root : replaced(root, path, converted);
}

function convert(value: unknown, expected: string): unknown {
  if (expected === 'string' && typeof value === 'number') return String(value);
  if (typeof value !== 'string') return undefined;
  if ((expected === 'number' || expected === 'int') && /^-?\d+(\.\d+)?$/.test(value)) return Number(value);
  if (expected === 'boolean' && (value === 'true' || value === 'false')) return value === 'true';
  return undefined;
}

function replaced(container: unknown, [key, ...rest]: readonly PropertyKey[], value: unknown): unknown {
  if (key === undefined) return value;
  if (Array.isArray(container)) {
    return container.map((item: unknown, index) => (index === key ? replaced(item, rest, value) : item));
  }
  if (!isContainer(container)) return container;
  return { ...container, [key]: replaced(Reflect.get(container, key), rest, value) };
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** The node that a path of keys leads to, as far as the file has it. */
function nodeAt(root: YamlNode, path: readonly PropertyKey[]): YamlNode {
  let node = root;
  for (const key of path) {
    const next: YamlNode | undefined =
      node.kind === 'mapping'
        ? node.entries.find((entry) => entry.key === key)?.value
        : node.kind === 'sequence' && typeof key === 'number'
          ? node.items[key]
          : undefined;
    if (!next) break;
    node = next;
  }
  return node;
}
