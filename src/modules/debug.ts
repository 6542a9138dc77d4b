import { z } from 'zod';
import { defineAction } from '../contract/module.ts';
import { displayText } from './parts/display.ts';

const params = z
  .strictObject({
    msg: z
      .unknown()
      .optional()
      .meta({ description: 'What to show: a text, or any value.', examples: ['kernel is {{facts.kernel}}'] }),
    var: z
      .string()
      .min(1)
      .optional()
      .meta({
        description: 'Expression whose value is shown beside it, instead of `msg`.',
        syntax: 'cel',
        examples: ['facts.default_ipv4'],
      }),
  })
  .refine((task) => task.msg === undefined || task.var === undefined, 'give either "msg" or "var"');

export const debug = defineAction({
  name: 'debug',
  summary: 'Show a text or the value of an expression.',
  params,
  example: '{ var: facts.cpu.model }',
  notes: '`var` is a CEL expression.',
  isHarmless: true,

  describe: (task) => `show ${task.var ?? 'a message'}`,
  async perform(host, task) {
    if (task.var !== undefined) {
      const value = host.evaluate(task.var);
      return { changed: false, data: { [task.var]: value }, notes: [`${task.var} = ${displayText(value)}`] };
    }
    const msg = task.msg ?? 'Hello world!';
    return { changed: false, data: { msg }, notes: displayText(msg).split('\n') };
  },
});
