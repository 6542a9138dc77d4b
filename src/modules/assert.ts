import { z } from 'zod';
import { type ActionHost, defineAction } from '../contract/module.ts';
import { BenchError, messageOf } from '../core/errors.ts';
import { displayText } from './parts/display.ts';

const expression = z.string().min(1).meta({ syntax: 'cel' });

const params = z.strictObject({
  that: z.union([expression, z.array(expression).min(1)]).meta({
    description: 'CEL expression, or list of them, that must all be true.',
    examples: [['facts.memory_mib >= 4096', 'facts.virtualization.kind == "xen"']],
  }),
  fail_msg: z.string().optional().describe('What to say when one is not.'),
  success_msg: z.string().optional().describe('What to say when all are.'),
  quiet: z.boolean().default(false).describe('Say nothing when all are true.'),
});

export const assert = defineAction({
  name: 'assert',
  summary: 'Fail unless every expression is true.',
  params,
  example: "{ that: ['facts.memory_mib >= 2048'], fail_msg: guests need more memory }",
  notes: 'Expressions are CEL. All of them are looked at, and each that is false is shown with the values in it.',
  isHarmless: true,

  describe: ({ that }) => `assert ${[that].flat().join(' and ')}`,
  async perform(host, { that, fail_msg, success_msg, quiet }) {
    const expressions = [that].flat();
    const broken = expressions.flatMap((text) => failureOf(host, text));
    if (broken.length === 0) {
      const msg = success_msg ?? 'all assertions passed';
      return { changed: false, data: { msg }, notes: quiet || success_msg === undefined ? [] : [success_msg] };
    }
    const failed = [...(fail_msg === undefined ? [] : [fail_msg]), ...broken].join('\n');
    return { changed: false, data: { msg: failed }, failed };
  },
});

/** One line for an expression that is not true, none for one that is. */
function failureOf(host: ActionHost, text: string): readonly string[] {
  const value = host.evaluate(text);
  if (value === true) return [];
  if (typeof value !== 'boolean') {
    throw new BenchError('E_NOT_BOOLEAN', `"${text}" is ${displayText(value)}, neither true nor false`, {
      hint: 'compare it with something: x > 0, x != "", size(x) > 0',
    });
  }
  const values = namesIn(text).map((name) => `${name} = ${valueText(host, name)}`);
  return [`not true: ${text}${values.length > 0 ? `  (${values.join(', ')})` : ''}`];
}

const CEL_WORDS = new Set(['true', 'false', 'null', 'in']);

/** Paths of variables in an expression, in their order: no texts, no functions, no names bound inside it. */
function namesIn(text: string): readonly string[] {
  const bare = text.replace(/"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'/g, '""');
  const bound = [...bare.matchAll(/\.(?:all|exists|exists_one|map|filter)\(\s*(\w+)\s*,/g)].map(([, name]) => name);
  const paths = [...bare.matchAll(/(?<![\w.)\]])[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*\(?/g)].map(([path]) =>
    path.endsWith('(') ? path.slice(0, Math.max(0, path.lastIndexOf('.'))) : path,
  );
  return [...new Set(paths)].filter((path) => {
    const root = path.split('.', 1)[0] ?? '';
    return root !== '' && !CEL_WORDS.has(root) && !bound.includes(root);
  });
}

function valueText(host: ActionHost, name: string): string {
  try {
    const text = displayText(host.evaluate(name));
    return text.length > 120 ? `${text.slice(0, 117)}...` : text;
  } catch (error) {
    return `(${messageOf(error)})`;
  }
}
