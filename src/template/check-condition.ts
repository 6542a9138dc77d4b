import { positionInside, type TextPosition } from '../contract/text-pieces.ts';
import type { Position } from '../core/diagnostic.ts';
import { typeWord } from './cel-fault.ts';
import type { Checked } from './check-template.ts';
import { notBoolean, parseCondition, typeOfCondition } from './condition.ts';
import { TextFault, toDiagnostic } from './fault.ts';

/**
 * Syntax, functions, types as far as they show, and the variables that a condition reads, without evaluating it. Pure;
 * never throws. `wanted` says whether the expression has to give true or false.
 */
export function checkCondition(
  text: string,
  at: Position | TextPosition,
  wanted: 'boolean' | 'anything' = 'boolean',
): Checked {
  try {
    const type = typeOfCondition(text);
    if (wanted === 'boolean' && type !== 'bool' && !type.startsWith('dyn')) throw notBoolean(text, typeWord(type));
    const references = parseCondition(text).references.map(({ span, ...reference }) => ({
      ...reference,
      at: positionInside(at, text, span),
    }));
    return { diagnostics: [], references };
  } catch (thrown) {
    if (thrown instanceof TextFault) return { diagnostics: [toDiagnostic(thrown, text, at)], references: [] };
    throw thrown;
  }
}
