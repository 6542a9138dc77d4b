import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineAction } from '../../src/contract/module.ts';
import { modules } from '../../src/modules/index.ts';
import { runTasks } from './harness.ts';

const show = defineAction({
  name: 'show',
  summary: 'Show its parameters.',
  params: z.strictObject({
    text: z.string().optional(),
    count: z.int().optional(),
    share: z.number().optional(),
    flag: z.boolean().optional(),
    mode: z.string().optional(),
    many: z.array(z.string()).optional(),
    inner: z.strictObject({ text: z.string() }).optional(),
  }),
  example: '{ text: x }',
  isHarmless: true,
  describe: () => 'show',
  perform: async (_host, params) => ({ changed: false, notes: [JSON.stringify(params)] }),
});

const VARIABLES = { number: 3, numeral: '3', half: '1.5', yes_it_is: 'true', word: 'x', list: [1] };

const showing = async (params: string) => {
  const ran = await runTasks(`- name: one\n  show: ${params}`, {
    modules: [...modules, show],
    engine: { extraVars: VARIABLES },
  });
  return { ran, shown: ran.notes('one')[0] };
};

describe('a parameter that a template gives', () => {
  test.each([
    ['a number for a text', '{ text: "{{number}}" }', '{"text":"3"}'],
    ['a numeral for a number', '{ count: "{{numeral}}", share: "{{half}}" }', '{"count":3,"share":1.5}'],
    ['a word for a truth value', '{ flag: "{{yes_it_is}}" }', '{"flag":true}'],
    [
      'numbers inside a list and a mapping',
      '{ many: [a, "{{number}}"], inner: { text: "{{number}}" } }',
      '{"many":["a","3"],"inner":{"text":"3"}}',
    ],
  ])('may be %s', async (_what, params, shown) => {
    expect((await showing(params)).shown).toBe(shown);
  });

  test.each([
    ['a word for a number', '{ count: "{{word}}" }', 'show.count: '],
    ['a numeral with a fraction for a whole number', '{ count: "{{half}}" }', 'show.count: '],
    ['a number for a mode, whose digits would mean something else', '{ mode: "{{number}}" }', 'show.mode: '],
    ['a list for a text', '{ text: "{{list}}" }', 'show.text: '],
  ])('may not be %s', async (_what, params, message) => {
    const { ran } = await showing(params);
    expect(ran.outcome('one')).toMatchObject({
      failure: {
        code: 'E_WRONG_PARAMETER',
        message: expect.stringContaining(message),
        at: { line: 5 },
        hint: 'bench doc show',
      },
    });
  });

  test('is left out where it is omit', async () => {
    expect((await showing('{ text: "{{default nothing omit}}", count: 1 }')).shown).toBe('{"count":1}');
  });
});
