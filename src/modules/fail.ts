import { z } from 'zod';
import { defineAction } from '../contract/module.ts';

const params = z.strictObject({
  msg: z
    .string()
    .default('failed as requested')
    .meta({ description: 'Why.', examples: ['{{host}} has no VT-x'] }),
});

export const fail = defineAction({
  name: 'fail',
  summary: 'Fail with a message; of use with a condition.',
  params,
  example: '{ msg: this host has too little memory }',
  isHarmless: true,

  describe: ({ msg }) => `fail: ${msg}`,
  perform: async (_host, { msg }) => ({ changed: false, data: { msg }, failed: msg }),
});
