import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KEYWORDS } from '../../src/playbook/keywords.ts';
import { load, SAMPLE_MODULES } from './sample.ts';

const words = [...KEYWORDS.map(({ name }) => name), ...SAMPLE_MODULES.keys(), 'file', 'apply', 'hosts', 'x'];
const scalar = fc.oneof(
  fc.constantFrom(
    'a',
    '{{x}}',
    '"{{x}}"',
    '{{',
    'yes',
    'true',
    'null',
    '~',
    '0644',
    '5',
    '30%',
    '[',
    '|',
    'site.yml',
    'a.yml',
    '*a',
    '&a b',
    '',
  ),
  fc.string({ maxLength: 12 }),
);
const value: fc.Arbitrary<string> = fc.letrec<{ value: string; list: string; mapping: string }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, scalar, tie('list'), tie('mapping')),
  list: fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(', ')}]`),
  mapping: fc
    .array(fc.tuple(fc.constantFrom(...words), tie('value')), { maxLength: 4 })
    .map((pairs) => `{ ${pairs.map(([key, item]) => `${key}: ${item}`).join(', ')} }`),
})).value;

function check(text: string): void {
  const { diagnostics } = load({ 'site.yml': text, 'a.yml': '- debug:\n' });
  const lines = text.split('\n').length;
  for (const { at, message, code } of diagnostics) {
    expect(code).toMatch(/^E_[A-Z_]+$/);
    expect(message).not.toBe('');
    expect(at?.line).toBeGreaterThanOrEqual(1);
    expect(at?.line).toBeLessThanOrEqual(lines);
    expect(at?.column).toBeGreaterThanOrEqual(1);
  }
}

test('no text at all makes the reader throw, and every problem has a place in the text', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), check), { numRuns: 300, seed: 1 });
});

test('nor does one that is put together of the words of playbooks', () => {
  const play = fc.array(fc.tuple(fc.constantFrom(...words), value), { minLength: 1, maxLength: 6 });
  const playbook = fc
    .array(play, { minLength: 1, maxLength: 3 })
    .map((plays) => plays.map((pairs) => `- ${pairs.map(([key, item]) => `${key}: ${item}`).join('\n  ')}`).join('\n'));
  fc.assert(fc.property(playbook, check), { numRuns: 600, seed: 2 });
});

test('nor do lists of tasks', () => {
  const task = fc.array(fc.tuple(fc.constantFrom(...words), value), { minLength: 1, maxLength: 5 });
  const playbook = fc
    .array(task, { maxLength: 3 })
    .map(
      (tasks) =>
        `- hosts: all\n  tasks:\n${tasks.map((pairs) => `    - ${pairs.map(([key, item]) => `${key}: ${item}`).join('\n      ')}`).join('\n')}`,
    );
  fc.assert(fc.property(playbook, check), { numRuns: 600, seed: 3 });
});
