import type { Module } from '../contract/module.ts';
import type { MappingNode, YamlNode } from '../contract/yaml-node.ts';
import { type Diagnostic, DiagnosticError } from '../core/diagnostic.ts';
import { renderNode } from '../template/render.ts';
import type { Scope } from './scope.ts';

/** Renders a task's parameters and checks them by the module's schema; what is wrong is told at the parameter's place. */
export function parseParams(module: Module, args: MappingNode, scope: Scope): unknown {
  const rendered = renderNode(args, scope);
  const parsed = module.params.safeParse(rendered);
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
