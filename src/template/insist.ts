import { expressionOf, isCall, isOmit, isPath, type Mode, modeOf } from './expression.ts';
import { spanOf } from './parse-template.ts';

/**
 * Handlebars' own strict mode does not look into arguments, nor does it say where. So every path and call of a tree is
 * turned into a call of one of these, with its place as first argument; the tree is then compiled without strict mode.
 */
export const INSIST = {
  text: '__text',
  path: '__path',
  call: '__call',
  items: '__items',
  context: '__context',
  omit: '__omit',
} as const;

type Statement = hbs.AST.Statement | hbs.AST.MustacheStatement | hbs.AST.BlockStatement;

/** The tree that insists. The tree was checked before: only known helpers and blocks, with as many arguments as they take. */
export function insistProgram(program: hbs.AST.Program, text: string): hbs.AST.Program {
  return { ...program, body: program.body.map((statement) => insistStatement(statement, text)) };
}

function insistStatement(statement: hbs.AST.Statement, text: string): Statement {
  if (isMustache(statement)) {
    const { path, params, hash } = call(INSIST.text, statement, text, [insist(expressionOf(statement), text)]);
    return { ...statement, path, params, hash };
  }
  if (isBlock(statement)) {
    const params = statement.params.map((param) => {
      const value = insist(param, text);
      if (statement.path.original === 'each') return call(INSIST.items, param, text, [value]);
      return statement.path.original === 'with' ? call(INSIST.context, param, text, [value]) : value;
    });
    // Handlebars has `inverse` on every block, undefined where there is no else.
    const inverse = statement.inverse ? { inverse: insistProgram(statement.inverse, text) } : {};
    return { ...statement, params, program: insistProgram(statement.program, text), ...inverse };
  }
  return statement;
}

function insist(node: hbs.AST.Expression, text: string, mode: Mode = 'strict'): hbs.AST.Expression {
  if (isPath(node)) return insistPath(node, text, mode);
  if (!isCall(node)) return node;
  const name = node.path.original;
  const params = node.params.map((param, index) => insist(param, text, modeOf(name, index)));
  return call(INSIST.call, node, text, [literal(name, node), ...params]);
}

function insistPath(path: hbs.AST.PathExpression, text: string, mode: Mode): hbs.AST.Expression {
  if (isOmit(path)) return call(INSIST.omit, path, text, []);
  if (mode === 'lenient' || path.parts.length === 0) return path;
  const [first = ''] = path.parts;
  const prefix = /^(?:@|\.\/|this[./]|(?:\.\.\/)+)*/.exec(path.original)?.[0] ?? '';
  const head: hbs.AST.PathExpression = { ...path, parts: [first], original: `${prefix}${first}` };
  return call(INSIST.path, path, text, [head, ...path.parts.map((part) => literal(part, path))]);
}

function call(name: string, node: hbs.AST.Node, text: string, params: hbs.AST.Expression[]): hbs.AST.SubExpression {
  const { loc } = node;
  const { offset, length } = spanOf(text, node);
  const path: hbs.AST.PathExpression = {
    type: 'PathExpression',
    data: false,
    depth: 0,
    parts: [name],
    original: name,
    loc,
  };
  const hash: hbs.AST.Hash = { type: 'Hash', pairs: [], loc };
  return { type: 'SubExpression', path, params: [literal(`${offset}:${length}`, node), ...params], hash, loc };
}

function literal(value: string, { loc }: hbs.AST.Node): hbs.AST.StringLiteral {
  return { type: 'StringLiteral', value, original: value, loc };
}

export function isMustache(node: hbs.AST.Node): node is hbs.AST.MustacheStatement {
  return node.type === 'MustacheStatement';
}

export function isBlock(node: hbs.AST.Node): node is hbs.AST.BlockStatement {
  return node.type === 'BlockStatement';
}
