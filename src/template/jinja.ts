const OPERAND = String.raw`[\w.]+(?:\[[^\]]*\])*(?:\.\w+)*(?:\([^()]*\))?(?:\[[^\]]*\])*`;
const NEGATABLE_STATES = '(changed|failed|skipped)';

type Rule = readonly [pattern: RegExp, replacement: string | ((...groups: string[]) => string)];

function rule(pattern: string, replacement: Rule[1]): Rule {
  return [new RegExp(pattern.replaceAll('OPERAND', OPERAND), 'g'), replacement];
}

/** In this order: tests and filters bind tighter than `not`, `not` tighter than `and`. */
const RULES: readonly Rule[] = [
  rule(String.raw`\{\{\s*|\s*\}\}`, ''),
  rule(String.raw`\b(OPERAND)\s+is\s+(?:not\s+defined|undefined)\b`, '!defined($1)'),
  rule(String.raw`\b(OPERAND)\s+is\s+defined\b`, 'defined($1)'),
  rule(String.raw`\b(OPERAND)\s+is\s+not\s+[Nn]one\b`, '$1 != null'),
  rule(String.raw`\b(OPERAND)\s+is\s+[Nn]one\b`, '$1 == null'),
  rule(String.raw`\b(OPERAND)\s+is\s+not\s+${NEGATABLE_STATES}\b`, '!$1.$2'),
  rule(String.raw`\b(OPERAND)\s+is\s+${NEGATABLE_STATES}\b`, '$1.$2'),
  rule(String.raw`\b(OPERAND)\s+is\s+(?:succeeded|success|successful)\b`, '!$1.failed'),
  rule(String.raw`\b(OPERAND)\s+is\s+not\s+(?:match|search|regex)\s*\(([^()]*)\)`, '!$1.matches($2)'),
  rule(String.raw`\b(OPERAND)\s+is\s+(?:match|search|regex)\s*\(([^()]*)\)`, '$1.matches($2)'),
  ...[1, 2, 3].flatMap(() => FILTERS()),
  rule(String.raw`(OPERAND|\ue000\d+\ue000)\s+not\s+in\s+(OPERAND|\[[^\]]*\])`, '!($1 in $2)'),
  rule(String.raw`\bnot\s+((?:(?!\band\b|\bor\b|\)).)+?)(?=\s*(?:\band\b|\bor\b|\)|$))`, (_all, operand = '') => {
    return /[=<>]|\bin\b/.test(operand) && !operand.startsWith('(') ? `!(${operand})` : `!${operand}`;
  }),
  rule(String.raw`\s*\band\b\s*`, ' && '),
  rule(String.raw`\s*\bor\b\s*`, ' || '),
  rule(String.raw`\bTrue\b`, 'true'),
  rule(String.raw`\bFalse\b`, 'false'),
  rule(String.raw`\b[Nn]one\b`, 'null'),
  rule('([!=])==', '$1='),
  rule('([^=!<>])=(?!=)', '$1=='),
];

function FILTERS(): readonly Rule[] {
  return [
    rule(String.raw`(OPERAND)\s*\|\s*(?:default|d)\s*\(\s*([^(),]*)(?:,[^()]*)?\)`, 'default($1, $2)'),
    rule(String.raw`(OPERAND)\s*\|\s*bool\b`, '$1'),
    rule(String.raw`(OPERAND)\s*\|\s*int\b(?:\(\s*\))?`, 'int($1)'),
    rule(String.raw`(OPERAND)\s*\|\s*float\b`, 'double($1)'),
    rule(String.raw`(OPERAND)\s*\|\s*string\b`, 'string($1)'),
    rule(String.raw`(OPERAND)\s*\|\s*(?:length|count)\b`, 'size($1)'),
    rule(String.raw`(OPERAND)\s*\|\s*lower\b`, '$1.lowerAscii()'),
    rule(String.raw`(OPERAND)\s*\|\s*upper\b`, '$1.upperAscii()'),
    rule(String.raw`(OPERAND)\s*\|\s*trim\b`, '$1.trim()'),
  ];
}

/** A Jinja condition written in CEL, as far as its words are known; undefined when there is nothing to change. For hints. */
export function celFromJinja(text: string): string | undefined {
  const strings: string[] = [];
  const bare = text.replaceAll(/'[^']*'|"[^"]*"/g, (quoted) => `\ue000${strings.push(quoted) - 1}\ue000`);
  let result = bare;
  for (const [pattern, replacement] of RULES) {
    result =
      typeof replacement === 'string' ? result.replace(pattern, replacement) : result.replace(pattern, replacement);
  }
  if (result === bare) return undefined;
  return result.replaceAll(/\ue000(\d+)\ue000/g, (_all, index) => strings[Number(index)] ?? '').trim();
}
