import type { TextPosition } from '../contract/text-pieces.ts';
import type { YamlNode } from '../contract/yaml-node.ts';
import type { Position } from '../core/diagnostic.ts';
import { assertChecked } from './check-template.ts';
import { compileTemplate } from './compile.ts';
import { evaluateExpression, expressionOf } from './expression.ts';
import { located } from './fault.ts';
import { isMustache } from './insist.ts';
import { hasTemplate, parseTemplate, spanOf } from './parse-template.ts';
import { OMIT, type Scope, textOfValue } from './values.ts';

/**
 * Text with its templates filled in. Secrets render as their texts. Throws DiagnosticError with the place in the file of
 * a missing variable, also of one that only `#if`, `#each` or a helper reads.
 */
export function renderText(text: string, at: Position | TextPosition, scope: Scope): string {
  if (!hasTemplate(text)) return text;
  return located(text, at, () => rendered(text, scope));
}

/** A whole template file. A last line end is kept. */
export function renderTemplate(text: string, file: string, scope: Scope): string {
  return renderText(text, { file, line: 1, column: 1 }, scope);
}

function rendered(text: string, scope: Scope): string {
  assertChecked(text);
  const { program, isFlat } = parseTemplate(text);
  // Compiling costs more than a hundred times what walking a few expressions does.
  if (!isFlat) return compileTemplate(text)(scope);
  let result = '';
  for (const statement of program.body) {
    if (isMustache(statement)) {
      const value = evaluateExpression(expressionOf(statement), text, scope);
      result += textOfValue(value, spanOf(text, statement));
    } else if ('value' in statement && statement.type === 'ContentStatement') result += String(statement.value);
  }
  return result;
}

/** Value of a text: one single `{{expression}}` keeps its type; anything else gives a text. May be OMIT. */
export function renderValue(text: string, at: Position | TextPosition, scope: Scope): unknown {
  if (!hasTemplate(text)) return text;
  return located(text, at, () => {
    assertChecked(text);
    const [only, ...more] = parseTemplate(text).program.body;
    if (only === undefined || more.length > 0 || !isMustache(only)) return rendered(text, scope);
    return evaluateExpression(expressionOf(only), text, scope);
  });
}

/** A node with every template in it filled in. Entries and items that are OMIT are left out. */
export function renderNode(node: YamlNode, scope: Scope): unknown {
  switch (node.kind) {
    case 'scalar':
      return typeof node.value === 'string' ? renderValue(node.value, node.at, scope) : node.value;
    case 'sequence':
      return node.items.map((item) => renderNode(item, scope)).filter((item) => item !== OMIT);
    case 'mapping': {
      const entries = node.entries.map(({ key, keyAt, value }) => [
        renderText(key, keyAt, scope),
        renderNode(value, scope),
      ]);
      return Object.fromEntries(entries.filter(([, value]) => value !== OMIT));
    }
  }
}

/** Whether rendering a node could change it. */
export function isTemplated(node: YamlNode): boolean {
  switch (node.kind) {
    case 'scalar':
      return typeof node.value === 'string' && hasTemplate(node.value);
    case 'sequence':
      return node.items.some(isTemplated);
    case 'mapping':
      return node.entries.some(({ key, value }) => hasTemplate(key) || isTemplated(value));
  }
}
