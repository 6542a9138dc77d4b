import { type Span, TextFault } from './fault.ts';
import { HELPERS_BY_NAME, HelperError } from './helpers.ts';
import { spanOf } from './parse-template.ts';
import { isMapping, missing, OMIT, propertyOf, revealed, type Scope } from './values.ts';

/** Whether a name that is not there is a fault, or undefined (first argument of `default`). */
export type Mode = 'strict' | 'lenient';

/** Value of a path's further parts, inside the value of its first one. Throws TextFault at the first that is missing. */
export function followPath(head: unknown, parts: readonly string[], span: Span): unknown {
  let value = head;
  for (const [index, name] of parts.entries()) {
    if (index === 0) continue;
    const next = propertyOf(value, name);
    if (next === undefined) {
      const known = isMapping(value) ? Object.keys(value) : [];
      throw missing({ name, inside: parts.slice(0, index).join('.'), known }, span);
    }
    value = next;
  }
  return revealed(value);
}

/** The fault for a first name that neither the item of a loop nor what is outside has. */
export function missingHead(name: string, context: unknown, root: Scope, span: Span): TextFault {
  const ofItem = context !== root && isMapping(context) ? Object.keys(context) : [];
  return missing({ name, inside: undefined, known: [...ofItem, ...Object.keys(root)] }, span);
}

/** Calls a helper; a fault of its arguments gets the place. */
export function callHelper(name: string, args: readonly unknown[], span: Span): unknown {
  const helper = HELPERS_BY_NAME.get(name);
  if (!helper) throw new TypeError(`no template helper "${name}" although the text was checked`);
  try {
    return helper.call(args.map(revealed));
  } catch (thrown) {
    if (!(thrown instanceof HelperError)) throw thrown;
    throw new TextFault('E_TEMPLATE_VALUE', `${name}: ${thrown.message}`, span, `it is written ${helper.usage}`);
  }
}

/** Whether a helper's argument at `index` may be undefined. */
export function modeOf(helper: string, index: number): Mode {
  return index === 0 && HELPERS_BY_NAME.get(helper)?.isLenient ? 'lenient' : 'strict';
}

/** Value of an expression outside any block. The tree was checked before. */
export function evaluateExpression(
  node: hbs.AST.Expression,
  text: string,
  scope: Scope,
  mode: Mode = 'strict',
): unknown {
  if (isPath(node)) return pathValue(node, text, scope, mode);
  if (isCall(node)) {
    const name = node.path.original;
    const args = node.params.map((param, index) => evaluateExpression(param, text, scope, modeOf(name, index)));
    return callHelper(name, args, spanOf(text, node));
  }
  return literalValue(node);
}

function pathValue(path: hbs.AST.PathExpression, text: string, scope: Scope, mode: Mode): unknown {
  if (isOmit(path)) return OMIT;
  const [name, ...rest] = path.parts;
  if (name === undefined) return scope;
  const head = path.data ? (name === 'root' ? scope : undefined) : propertyOf(scope, name);
  if (mode === 'lenient') return revealed(rest.reduce(propertyOf, head));
  const span = spanOf(text, path);
  if (head === undefined) throw missingHead(name, scope, scope, span);
  return followPath(head, path.parts, span);
}

export function isOmit(path: hbs.AST.PathExpression): boolean {
  return path.original === 'omit' && !path.data;
}

export function isPath(node: hbs.AST.Node): node is hbs.AST.PathExpression {
  return node.type === 'PathExpression';
}

/** A call in brackets, or the one that a `{{helper a b}}` is. */
export function isCall(node: hbs.AST.Node): node is hbs.AST.SubExpression {
  return node.type === 'SubExpression' || node.type === 'MustacheStatement';
}

function literalValue(node: hbs.AST.Node): unknown {
  if (node.type === 'NullLiteral') return null;
  return 'value' in node ? node.value : undefined;
}

/** What stands in a `{{…}}`: its path or literal, or itself where it calls a helper. */
export function expressionOf(mustache: hbs.AST.MustacheStatement): hbs.AST.Expression {
  return mustache.params.length > 0 ? mustache : mustache.path;
}
