import { z } from 'zod';
import { type ActionHost, ask, defineAction, pathOf, volatile } from '../contract/module.ts';
import { formatDuration } from '../core/duration.ts';
import { PreconditionError, TimeLimitError } from '../core/errors.ts';
import { absolutePath } from './parts/attributes.ts';
import { NO_TOOL, probePort } from './parts/reachable.ts';
import { duration, toMs } from './parts/wait.ts';
import { isCommand, splitWords } from './parts/words.ts';

const params = z
  .strictObject({
    host: z.string().default('127.0.0.1').describe('Where the port is, as seen from the host of the task.'),
    port: z
      .int()
      .min(1)
      .max(65535)
      .optional()
      .meta({ description: 'TCP port that shall be open, or closed.', examples: [3260] }),
    path: absolutePath.optional().describe('Path that shall be there, or gone.'),
    command: z
      .string()
      .refine(isCommand, 'not a command')
      .optional()
      .meta({
        description: 'Command that shall end with 0. It is asked over and over: it must change nothing.',
        examples: ['xl info'],
      }),
    state: z
      .enum(['started', 'present', 'stopped', 'absent'])
      .default('started')
      .describe('`started` and `present`: open, there; `stopped` and `absent`: closed, gone, not 0.'),
    delay: duration.default(0).describe('How long to wait before the first look.'),
    sleep: duration.default(1).describe('How long to wait between two looks.'),
    timeout: duration.default(300).describe('How long to wait in all. Seconds, or a text such as "10m".'),
    connect_timeout: z.int().min(1).default(5).describe('How many seconds one try to reach the port may take.'),
    msg: z.string().optional().describe('What to say when it did not come about.'),
  })
  .refine(
    ({ port, path, command }) => [port, path, command].filter((each) => each !== undefined).length === 1,
    'give one of "port", "path" and "command"',
  );

type Params = z.infer<typeof params>;

export const wait_for = defineAction({
  name: 'wait_for',
  summary: 'Wait until a port is open, a path is there, or a command succeeds, or no longer.',
  params,
  example: '{ host: 10.0.0.3, port: 3260, timeout: 60 }',
  notes: 'The host itself looks, not the controller. To just wait, see `pause`.',

  describe: (task) => `wait until ${wishOf(task)}`,
  async perform(host, task, signal) {
    const { clock } = host;
    const begun = clock.monotonicMs();
    const limitMs = toMs(task.timeout);
    await clock.sleep(toMs(task.delay), signal);
    const isWanted = task.state === 'started' || task.state === 'present';
    for (;;) {
      const isThere = await look(host, task, signal);
      const elapsedMs = clock.monotonicMs() - begun;
      if (isThere === isWanted)
        return { changed: false, data: { elapsed: Math.round(elapsedMs) / 1000, ...pick(task) } };
      if (elapsedMs >= limitMs) {
        throw new TimeLimitError(task.msg ?? `waited ${formatDuration(elapsedMs)} in vain until ${wishOf(task)}`);
      }
      host.report(
        `waiting for ${formatDuration(elapsedMs)} until ${wishOf(task)} (limit ${Math.round(limitMs / 1000)} s)`,
      );
      await clock.sleep(Math.min(toMs(task.sleep), Math.max(1, limitMs - elapsedMs)), signal);
    }
  },
});

async function look(host: ActionHost, task: Params, signal: AbortSignal): Promise<boolean> {
  if (task.path !== undefined) {
    const [answer] = await host.ask([pathOf(task.path)], signal);
    return answer.entry !== undefined;
  }
  const isPort = task.port !== undefined;
  const probe = isPort
    ? probePort(task.host, task.port ?? 0, task.connect_timeout)
    : volatile(ask(...(splitWords(task.command ?? '') ?? [])));
  const [answer] = await host.ask([probe], signal);
  if (isPort && answer.code === NO_TOOL) {
    throw new PreconditionError(`${host.name} has neither bash nor nc nor python3 to look at a port with`);
  }
  return answer.code === 0;
}

function wishOf({ host, port, path, command, state }: Params): string {
  const isWanted = state === 'started' || state === 'present';
  if (port !== undefined) return `port ${port} of ${host} is ${isWanted ? 'open' : 'closed'}`;
  if (path !== undefined) return `${path} is ${isWanted ? 'there' : 'gone'}`;
  return `"${command}" ${isWanted ? 'succeeds' : 'fails'}`;
}

function pick({ host, port, path, state }: Params): Readonly<Record<string, unknown>> {
  return { state, ...(port !== undefined && { host, port }), ...(path !== undefined && { path }) };
}
