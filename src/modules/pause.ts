import { z } from 'zod';
import { defineAction } from '../contract/module.ts';
import { formatDuration } from '../core/duration.ts';

const params = z
  .strictObject({
    seconds: z.number().nonnegative().optional().describe('How many seconds to wait.'),
    minutes: z.number().nonnegative().optional().describe('How many minutes to wait, beside the seconds.'),
  })
  .refine(({ seconds, minutes }) => seconds !== undefined || minutes !== undefined, 'give "seconds" or "minutes"');

export const pause = defineAction({
  name: 'pause',
  summary: 'Wait a while.',
  params,
  example: '{ seconds: 5 }',
  notes: 'Never waits for a key. Where something is waited for, `wait_for` is quicker and surer.',
  isHarmless: true,

  describe: (task) => `wait ${formatDuration(spanMs(task))}`,
  async perform(host, task, signal) {
    const ms = spanMs(task);
    host.report(`waiting ${formatDuration(ms)}`);
    await host.clock.sleep(ms, signal);
    return { changed: false, data: { delta: ms / 1000 } };
  },
});

function spanMs({ seconds = 0, minutes = 0 }: z.infer<typeof params>): number {
  return seconds * 1000 + minutes * 60_000;
}
