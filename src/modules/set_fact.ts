import { z } from 'zod';
import { defineAction } from '../contract/module.ts';

const params = z.record(z.string().regex(/^[A-Za-z_]\w*$/, 'not a name for a variable'), z.unknown()).meta({
  description: 'Each key becomes a variable of the host, for the rest of the run.',
  examples: [{ bench_bridge: 'br0' }],
});

export const set_fact = defineAction({
  name: 'set_fact',
  summary: 'Give the host variables for the rest of the run.',
  params,
  example: '{ guest_bridge: br0, guest_count: 4 }',
  isHarmless: true,

  describe: (facts) => `set ${Object.keys(facts).join(', ')}`,
  perform: async (_host, facts) => ({ changed: false, facts, data: { facts } }),
});
