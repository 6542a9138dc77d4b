import {
  type ASTNode,
  TypeError as CelTypeError,
  EvaluationError,
  ParseError,
  type ParseResult,
} from '@marcbachmann/cel-js';
import type { LocatedText } from '../contract/yaml-node.ts';
import { celEnvironment } from './cel-environment.ts';
import { type CelError, conditionFault, syntaxFault } from './cel-fault.ts';
import { type CelReference, celReferences } from './cel-references.ts';
import { fromCel, lazily } from './cel-values.ts';
import { cachedByText, located, TextFault } from './fault.ts';
import { kindOf, type Scope } from './values.ts';

export interface ParsedCondition {
  readonly run: ParseResult;
  readonly ast: ASTNode;
  readonly references: readonly CelReference[];
  readonly roots: ReadonlySet<string>;
}

function isCelError(thrown: unknown): thrown is CelError {
  return thrown instanceof ParseError || thrown instanceof EvaluationError || thrown instanceof CelTypeError;
}

/** CEL text to something that runs; throws TextFault. */
export const parseCondition: (text: string) => ParsedCondition = cachedByText((text) => {
  try {
    const run = celEnvironment.parse(text);
    const references = celReferences(run.ast);
    return { run, ast: run.ast, references, roots: new Set(references.map(({ root }) => root)) };
  } catch (thrown) {
    if (isCelError(thrown)) throw syntaxFault(text, thrown);
    throw thrown;
  }
});

/** What the type checker knows of a condition without its variables. Throws TextFault for what can never work. */
export function typeOfCondition(text: string): string {
  const { type, error } = parseCondition(text).run.check();
  if (error) throw conditionFault(text, error, {});
  return type ?? 'dyn';
}

/** Value of a CEL expression. Throws DiagnosticError with the place of what is missing or does not fit. */
export function evaluate({ text, at }: LocatedText, scope: Scope): unknown {
  return located(text, at, () => {
    const { run, roots } = parseCondition(text);
    const context = lazily(scope, roots);
    try {
      return fromCel(run(context));
    } catch (thrown) {
      if (isCelError(thrown)) throw conditionFault(text, thrown, scope);
      throw thrown;
    }
  });
}

/** The same for what has to be true or false; anything else is a DiagnosticError. */
export function evaluateCondition(condition: LocatedText, scope: Scope): boolean {
  const value = evaluate(condition, scope);
  if (typeof value === 'boolean') return value;
  return located(condition.text, condition.at, () => {
    throw notBoolean(condition.text, kindOf(value), value);
  });
}

export function notBoolean(text: string, kind: string, value?: unknown): TextFault {
  const span = { offset: 0, length: text.length };
  const compared = typeof value === 'string' ? `"${value}"` : typeof value === 'number' ? String(value) : undefined;
  const simple = /^[\w.]+$/.test(text);
  const hint =
    kind === 'a list' || kind === 'a mapping'
      ? `write size(${text}) > 0`
      : simple && compared !== undefined
        ? `write ${text} == ${compared}`
        : undefined;
  return new TextFault('E_CONDITION_TYPE', `a condition gives true or false, this one gives ${kind}`, span, hint);
}
