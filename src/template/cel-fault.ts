import {
  type ASTNode,
  type TypeError as CelTypeError,
  type EvaluationError,
  type ParseError,
  serialize,
} from '@marcbachmann/cel-js';
import { nearest } from '../core/text.ts';
import { celEnvironment, knownFunctions } from './cel-environment.ts';
import { fromCel, lazily } from './cel-values.ts';
import { type Span, TextFault } from './fault.ts';
import { celFromJinja } from './jinja.ts';
import { isMapping, missing, type Scope } from './values.ts';

export type CelError = ParseError | EvaluationError | CelTypeError;

/** For a text that is not CEL: what stands where it stopped, and the CEL way where it is Jinja. */
export function syntaxFault(text: string, error: CelError): TextFault {
  if (/\{\{/.test(text)) {
    const bare = text.replaceAll(/\{\{\s*|\s*\}\}/g, '').trim();
    const span = { offset: text.indexOf('{{'), length: 2 };
    return new TextFault(
      'E_CONDITION_SYNTAX',
      'a condition is an expression already and takes no {{ }}',
      span,
      `write ${celForm(text) ?? bare}`,
    );
  }
  const offset = Math.min(error.range?.start ?? 0, Math.max(0, text.length - 1));
  const isAtEnd = (error.range?.start ?? 0) >= text.trimEnd().length;
  const token = isAtEnd ? '' : (/^\s*(\w+|\S)/.exec(text.slice(offset))?.[1] ?? '');
  const start = token === '' ? offset : text.indexOf(token, offset);
  const cel = celForm(text);
  const message = token === '' ? 'the condition ends too early' : `"${token}" cannot stand here`;
  const reserved =
    error.code === 'reserved_identifier' ? 'CEL keeps this word for itself; give the variable another name' : undefined;
  const span = { offset: start, length: Math.max(1, token.length) };
  return new TextFault(
    'E_CONDITION_SYNTAX',
    `condition is not CEL: ${message}`,
    span,
    cel === undefined ? reserved : `write ${cel}`,
  );
}

/** The CEL form of a Jinja condition, where it is one that CEL reads. */
function celForm(text: string): string | undefined {
  const cel = celFromJinja(text);
  return cel !== undefined && celEnvironment.check(cel).valid ? cel : undefined;
}

const LITERALS: ReadonlyMap<string, string> = new Map([
  ['True', 'true'],
  ['False', 'false'],
  ['None', 'null'],
  ['none', 'null'],
  ['yes', 'true'],
  ['no', 'false'],
]);

/** For a condition that was read but cannot give a value. */
export function conditionFault(text: string, error: CelError, scope: Scope): TextFault {
  const node = isAstNode(error.node) ? error.node : undefined;
  const span = spanIn(text, error);
  switch (error.code) {
    case 'unknown_variable': {
      const name = node?.op === 'id' ? node.args : text;
      const literal = LITERALS.get(name);
      if (literal !== undefined) {
        return new TextFault(
          'E_UNDEFINED_VARIABLE',
          `variable "${name}" is not defined`,
          span,
          `write ${celForm(text) ?? literal}`,
        );
      }
      return missing({ name, inside: undefined, known: Object.keys(scope) }, span);
    }
    case 'no_such_key':
      return missingKey(text, node, span, scope);
    case 'invalid_macro_argument': {
      const hint =
        node?.op === 'id' ? `write defined(${node.args})` : 'has(x.y) takes a path; defined(x) takes a name too';
      return new TextFault('E_CONDITION_TYPE', 'has() asks for a part of a variable', span, hint);
    }
    case 'no_matching_overload':
      return wrongCall(node, error.summary, span);
    case 'no_such_overload':
      return wrongOperands(error.summary, span);
    case 'invalid_logical_operand':
    case 'invalid_condition_type':
      return new TextFault(
        'E_CONDITION_TYPE',
        `&&, ||, ! and ?: take true or false, got ${typeWord(lastQuoted(error.summary))}`,
        span,
        'compare it: x == "text", x > 0, size(x) > 0',
      );
    case 'index_out_of_bounds':
      return new TextFault('E_UNDEFINED_VARIABLE', lowerFirst(error.summary.replace(/^No such key: /, '')), span);
    default:
      return new TextFault('E_CONDITION_VALUE', lowerFirst(error.summary), span);
  }
}

function isAstNode(node: CelError['node']): node is ASTNode {
  return node !== undefined && 'op' in node && node.op !== undefined;
}

function spanIn(text: string, { range, code }: CelError): Span {
  // The library blames the left side for what the right side gave.
  if (code === 'invalid_logical_operand' || !range) return { offset: 0, length: text.length };
  return { offset: range.start, length: Math.max(1, range.end - range.start) };
}

function missingKey(text: string, node: ASTNode | undefined, span: Span, scope: Scope): TextFault {
  if (node?.op !== '.' && node?.op !== '[]')
    return new TextFault('E_UNDEFINED_VARIABLE', `a key of ${text} is not there`, span);
  const inside = serialize(node.args[0]);
  const name = typeof node.args[1] === 'string' ? node.args[1] : serialize(node.args[1]).replace(/^"(.*)"$/, '$1');
  return missing({ name, inside, known: keysOf(inside, scope) }, span);
}

/** Keys of what an expression gives; none where it reads a name that only a comprehension has. */
function keysOf(expression: string, scope: Scope): readonly string[] {
  try {
    const value = fromCel(celEnvironment.evaluate(expression, lazily(scope, Object.keys(scope))));
    return isMapping(value) ? Object.keys(value) : [];
  } catch {
    return [];
  }
}

function wrongCall(node: ASTNode | undefined, summary: string, span: Span): TextFault {
  const name = node?.op === 'call' || node?.op === 'rcall' ? node.args[0] : undefined;
  const known = knownFunctions();
  if (name === undefined || known.includes(name)) {
    const types = /\((.*)\)/.exec(summary)?.[1];
    const got = types ? `${types.split(', ').map(typeWord).join(' and ')}` : 'these arguments';
    return new TextFault('E_CONDITION_TYPE', `function "${name ?? '?'}" does not take ${got}`, span);
  }
  const near = nearest(name, known);
  return new TextFault(
    'E_UNKNOWN_FUNCTION',
    `unknown function "${name}"`,
    span,
    near === undefined ? FUNCTIONS_HINT : `did you mean "${near}"?`,
  );
}

const FUNCTIONS_HINT =
  'often used: defined, default, size, int, string, matches, startsWith, contains, split, exists, all';

function wrongOperands(summary: string, span: Span): TextFault {
  const [, left = '', operator = '', right = ''] = /overload: (\S+) (\S+) (\S+)$/.exec(summary) ?? [];
  const unary = /overload: ([!-])(\S+)$/.exec(summary);
  if (unary) {
    const [, sign, operand = ''] = unary;
    const wanted = sign === '!' ? 'true or false' : 'a number';
    return new TextFault('E_CONDITION_TYPE', `"${sign}" takes ${wanted}, got ${typeWord(operand)}`, span);
  }
  if (operator === '') return new TextFault('E_CONDITION_TYPE', lowerFirst(summary), span);
  const message = `"${operator}" does not take ${typeWord(left)} and ${typeWord(right)}`;
  return new TextFault('E_CONDITION_TYPE', message, span, 'convert one of them: int(x), double(x), string(x)');
}

function lastQuoted(summary: string): string {
  return /'([^']*)'$/.exec(summary)?.[1] ?? '';
}

/** CEL's name of a type as a reader would say it. */
export function typeWord(type: string): string {
  const bare = type.replace(/^dyn<(.*)>$/, '$1').replace(/<.*/, '');
  const words: Readonly<Record<string, string>> = {
    int: 'a number',
    uint: 'a number',
    double: 'a number',
    string: 'a text',
    bool: 'a boolean',
    list: 'a list',
    map: 'a mapping',
    null: 'null',
  };
  return words[bare] ?? (bare === 'dyn' ? 'this value' : bare);
}

function lowerFirst(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
