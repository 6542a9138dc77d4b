import type { z } from 'zod';
import type { Module } from '../contract/module.ts';
import { type MappingNode, toPlain, type YamlNode } from '../contract/yaml-node.ts';
import type { Diagnostic, Position } from '../core/diagnostic.ts';
import { nearest, suggest } from '../core/text.ts';
import { booleanHint, describeNode, describeValue, holdsTemplate, ProblemList, type Problems } from './problems.ts';
import { knownKeys } from './schema.ts';

type Issue = z.core.$ZodIssue;

/**
 * Checks a task's parameters by its module's schema. What stands in a template, or depends on one, passes: it is checked
 * again when its value is known.
 */
export function checkParams(module: Module, args: MappingNode, taskAt: Position, problems: Problems): void {
  let result: ReturnType<typeof module.params.safeParse>;
  try {
    result = module.params.safeParse(toPlain(args), { reportInput: true });
  } catch (thrown) {
    // A transform of the schema met a template where it had counted on the value.
    if (holdsTemplate(args)) return;
    throw thrown;
  }
  const describe = (path: readonly PropertyKey[]) => describeNode(nodeAt(args, path) ?? args);
  reportAll(result.error?.issues ?? [], { module, args, taskAt, problems, describe, state: 'written' });
}

/** The parameters as the module takes them, out of their rendered values; what does not fit is reported at its node. */
export function parseRendered(
  rendered: unknown,
  { module, args, at }: { readonly module: Module; readonly args: MappingNode; readonly at: Position },
):
  | { readonly params: unknown; readonly diagnostics: readonly [] }
  | { readonly params: undefined; readonly diagnostics: readonly Diagnostic[] } {
  const result = module.params.safeParse(rendered, { reportInput: true });
  if (result.success) return { params: result.data, diagnostics: [] };
  const problems = new ProblemList();
  const describe = (path: readonly PropertyKey[]) =>
    describeValue(
      path.reduce<unknown>((value, key) => (isObject(value) ? Reflect.get(value, key) : undefined), rendered),
    );
  reportAll(result.error.issues, { module, args, taskAt: at, problems, describe, state: 'rendered' });
  return { params: undefined, diagnostics: problems.sorted([]) };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

interface Checking {
  readonly module: Module;
  readonly args: MappingNode;
  readonly taskAt: Position;
  readonly problems: Problems;
  /** What stands at a path, for messages. */
  readonly describe: (path: readonly PropertyKey[]) => string;
  readonly state: 'written' | 'rendered';
}

function reportAll(issues: readonly Issue[], checking: Checking): void {
  // A rule about the whole ("give either a or b") only repeats what an unknown name has already broken.
  const isMisspelt = issues.some(({ code }) => code === 'unrecognized_keys');
  for (const issue of issues.filter(({ code }) => !isMisspelt || code !== 'custom')) reportIssue(issue, checking);
}

function reportIssue(issue: Issue, checking: Checking): void {
  const { args, problems, state } = checking;
  if (state === 'written' && !isCertain(issue, args)) return;
  const target = nodeAt(args, issue.path) ?? (state === 'rendered' ? nearestNode(args, issue.path) : undefined);
  const isMissing = issue.code === 'invalid_type' && issue.input === undefined && issue.path.length > 0;
  if (!target || isMissing) {
    reportMissing(issue.path, checking);
  } else if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) reportUnknownKey(key, target, issue.path, checking);
  } else if (issue.code === 'invalid_union') reportUnion(issue, target, labelOf(issue.path), checking);
  else problems.report('E_WRONG_PARAMETER', target.at, messageFor(issue, checking), hintForIssue(issue, target));
}

function messageFor(issue: Issue, { module, describe }: Checking): string {
  const subject = issue.path.length === 0 ? module.name : `"${labelOf(issue.path)}" of ${module.name}`;
  if (issue.code !== 'invalid_type' && issue.code !== 'invalid_value')
    return `${subject}: ${lowerFirst(issue.message)}`;
  return `${subject} must be ${formOf(issue)}, got ${describe(issue.path)}`;
}

function hintForIssue(issue: Issue, target: YamlNode): string | undefined {
  if (issue.code === 'invalid_type') return typeHint(labelOf(issue.path), issue.expected, target);
  if (issue.code !== 'invalid_value' || target.kind !== 'scalar') return undefined;
  const near = nearest(String(target.value), issue.values.map(String));
  return near === undefined ? undefined : `did you mean "${near}"?`;
}

/** Whether an issue stays whatever the templates give. */
function isCertain(issue: Issue, args: MappingNode): boolean {
  let node: YamlNode | undefined = args;
  for (const key of issue.path) {
    node = childOf(node, key);
    if (!node) return true;
    if (node.kind === 'scalar' && holdsTemplate(node)) return false;
  }
  if (issue.code === 'custom') return !holdsTemplate(node);
  if (issue.code === 'invalid_union' && holdsTemplate(node))
    return certainBranches(issue, { args, state: 'written' }).every((branch) => branch.length > 0);
  return true;
}

function certainBranches(
  issue: z.core.$ZodIssueInvalidUnion,
  { args, state }: Pick<Checking, 'args' | 'state'>,
): readonly (readonly Issue[])[] {
  return issue.errors.map((branch) =>
    branch
      .map((inner): Issue => ({ ...inner, path: [...issue.path, ...inner.path] }))
      .filter((inner) => state === 'rendered' || isCertain(inner, args)),
  );
}

/** Of a value that fits none of several forms: the form that it comes nearest to, else the forms. */
function reportUnion(issue: z.core.$ZodIssueInvalidUnion, target: YamlNode, label: string, checking: Checking): void {
  const { module, problems, describe } = checking;
  const branches = certainBranches(issue, checking);
  const isDeep = (branch: readonly Issue[]) =>
    branch.every(
      (inner) => inner.path.length > issue.path.length || !['invalid_type', 'invalid_value'].includes(inner.code),
    );
  const deep = branches.filter(isDeep).toSorted((a, b) => a.length - b.length)[0];
  if (deep) {
    for (const inner of deep) reportIssue(inner, checking);
    return;
  }
  const forms = branches.flatMap((branch) =>
    branch.filter((inner) => inner.path.length === issue.path.length).map(formOf),
  );
  const unique = [...new Set(forms)];
  if (unique.length === 0) {
    problems.report('E_WRONG_PARAMETER', target.at, `"${label}" of ${module.name}: ${lowerFirst(issue.message)}`);
    return;
  }
  const message = `"${label}" of ${module.name} must be ${unique.join(' or ')}, got ${describe(issue.path)}`;
  const words = branches.flat().flatMap((inner) => (inner.code === 'invalid_value' ? inner.values.map(String) : []));
  const near = target.kind === 'scalar' ? nearest(String(target.value), words) : undefined;
  problems.report(
    'E_WRONG_PARAMETER',
    target.at,
    message,
    near ? `did you mean "${near}"?` : typeHint(label, 'string', target),
  );
}

function formOf(issue: Issue): string {
  if (issue.code === 'invalid_type') return typeName(issue.expected);
  if (issue.code === 'invalid_value') return oneOf(issue.values.map(String));
  return lowerFirst(issue.message);
}

function reportUnknownKey(
  key: string,
  target: YamlNode,
  path: readonly PropertyKey[],
  { module, problems }: Checking,
): void {
  const entry = target.kind === 'mapping' ? target.entries.find((candidate) => candidate.key === key) : undefined;
  if (key.includes('{{')) return;
  const inside = path.length > 0 ? ` in "${labelOf(path)}"` : '';
  const known = knownKeys(module.params, path);
  const hint = known.length > 0 ? suggest(key, known) : undefined;
  problems.report(
    'E_UNKNOWN_PARAMETER',
    entry?.keyAt ?? target.at,
    `unknown parameter "${key}" of ${module.name}${inside}`,
    hint,
  );
}

/** A parameter that is missing; not where it stands under a misspelt name, which has its own problem. */
function reportMissing(path: readonly PropertyKey[], { module, args, taskAt, problems }: Checking): void {
  const outside = path.slice(0, -1);
  const parent = nodeAt(args, outside);
  const known = knownKeys(module.params, outside);
  const keys = parent?.kind === 'mapping' ? parent.entries.map(({ key }) => key) : [];
  const strange = keys.filter((key) => !known.includes(key));
  if (nearest(String(path.at(-1)), strange) !== undefined) return;
  const at = outside.length > 0 && parent ? parent.at : taskAt;
  const hint = `an example: ${module.name}: ${module.example.trim().split('\n')[0]}`;
  problems.report('E_MISSING_PARAMETER', at, `${module.name} needs the parameter "${labelOf(path)}"`, hint);
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'a mapping',
  record: 'a mapping',
  null: 'null',
};

function typeName(type: string): string {
  return TYPE_NAMES[type] ?? type;
}

function oneOf(words: readonly string[]): string {
  return words.length === 1 ? `"${words[0]}"` : `one of ${words.join(', ')}`;
}

function typeHint(label: string, expected: string, target: YamlNode): string | undefined {
  if (target.kind !== 'scalar') return undefined;
  const { value } = target;
  if (expected === 'string' && typeof value === 'number') {
    const isMode = /(^|_|\.)mode$/.test(label);
    const text = isMode && Number.isInteger(value) ? String(value).padStart(4, '0') : String(value);
    return `write it as a text: ${label.replace(/^.*\./, '')}: "${text}"`;
  }
  if (expected === 'string' && typeof value === 'boolean') return `write it as a text: "${value}"`;
  if (expected === 'boolean') return booleanHint(target);
  if ((expected === 'number' || expected === 'int') && typeof value === 'string' && /^\d+$/.test(value))
    return `write it without quotes: ${value}`;
  if (expected === 'array') return `write it as a list: [${String(value)}]`;
  return undefined;
}

function labelOf(path: readonly PropertyKey[]): string {
  return path.reduce<string>(
    (label, key) =>
      typeof key === 'number' ? `${label}[${key}]` : label === '' ? String(key) : `${label}.${String(key)}`,
    '',
  );
}

function nodeAt(root: YamlNode, path: readonly PropertyKey[]): YamlNode | undefined {
  return path.reduce<YamlNode | undefined>(childOf, root);
}

/** The deepest node on the way: a value inside a template has no node of its own. */
function nearestNode(root: YamlNode, path: readonly PropertyKey[]): YamlNode {
  let node = root;
  for (const key of path) node = childOf(node, key) ?? node;
  return node;
}

function childOf(node: YamlNode | undefined, key: PropertyKey): YamlNode | undefined {
  if (node?.kind === 'mapping') return node.entries.find((entry) => entry.key === key)?.value;
  return node?.kind === 'sequence' && typeof key === 'number' ? node.items[key] : undefined;
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
