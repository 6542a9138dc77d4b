import { z } from 'zod';
import { type ActionHost, ask, askShell, defineAction, type Step, volatile } from '../contract/module.ts';
import { formatDuration } from '../core/duration.ts';
import { BenchError, TimeLimitError, UnreachableError } from '../core/errors.ts';
import { type BootIdentity, bootProbe, isAnotherBoot, readBootIdentity } from './parts/boot.ts';
import { insist } from './parts/insist.ts';
import { duration, POLL_MS, toMs, within } from './parts/wait.ts';
import { isCommand, splitWords } from './parts/words.ts';

const params = z.strictObject({
  reboot_timeout: duration
    .default(600)
    .describe('How long it may take until the host is back and settled. Seconds, or a text such as "10m".'),
  connect_timeout: duration.default(10).describe('How long one try to reach it again may take.'),
  pre_reboot_delay: duration.default(0).describe('How long to wait before.'),
  post_reboot_delay: duration.default(0).describe('How long to wait after the host is back.'),
  reboot_command: z
    .string()
    .refine(isCommand, 'not a command')
    .default('systemctl reboot')
    .describe('What reboots the host.'),
  test_command: z
    .string()
    .refine(isCommand, 'not a command')
    .optional()
    .meta({
      description: 'Command that must end with 0 before the host counts as back.',
      examples: ['xl info'],
    }),
});

type Params = z.infer<typeof params>;

export const reboot = defineAction({
  name: 'reboot',
  summary: 'Reboot the host and wait until it is back.',
  params,
  example: '{ reboot_timeout: 10m, test_command: xl info }',
  notes:
    'It counts as rebooted only when that is proven: by another boot id, or, where the kernel is shared (containers), by another start of process 1. Then it waits until systemd has settled; a failed unit is told, and is no failure.',

  describe: () => 'reboot the host and wait until it is back',
  async perform(host, task, signal) {
    const { clock } = host;
    await clock.sleep(toMs(task.pre_reboot_delay), signal);
    const [answer] = await host.ask([bootProbe], signal);
    const before = readBootIdentity(answer);
    const begun = clock.monotonicMs();
    await order(host, task, signal);
    const backMs = await waitForReturn(host, before, task, begun, signal);
    host.report(`back after ${formatDuration(backMs)}`);
    const state = await settle(host, task, begun, signal);
    await clock.sleep(toMs(task.post_reboot_delay), signal);
    const elapsed = Math.round(clock.monotonicMs() - begun) / 1000;
    const notes = [`back after ${formatDuration(backMs)}`];
    if (state !== 'running' && state !== '') notes.push(`systemd is ${state}: systemctl --failed tells why`);
    return { changed: true, data: { rebooted: true, elapsed, system_state: state }, notes };
  },
});

/** Gives the order. The connection may break before the answer: whether it worked is seen by what comes back. */
async function order(host: ActionHost, task: Params, signal: AbortSignal): Promise<void> {
  const step: Step = { kind: 'run', argv: splitWords(task.reboot_command) ?? [], accept: 'any' };
  try {
    const results = await within(host, toMs(task.connect_timeout), signal, (limited) => host.run([step], limited));
    const result = results?.[0];
    // 255 and signals are what a dying shell answers; anything else is a "no".
    if (result && result.code !== 0 && result.code < 128) {
      throw new BenchError(
        'E_REBOOT_REFUSED',
        `${task.reboot_command} ended with exit code ${result.code}: ${result.stderr.trim()}`,
      );
    }
  } catch (error) {
    if (!(error instanceof UnreachableError)) throw error;
  }
}

/** Milliseconds from the order to the first answer of the new boot. */
async function waitForReturn(
  host: ActionHost,
  before: BootIdentity,
  task: Params,
  begun: number,
  signal: AbortSignal,
): Promise<number> {
  const { clock } = host;
  const limitMs = toMs(task.reboot_timeout);
  let downSince: number | undefined;
  for (;;) {
    const now = await within(host, toMs(task.connect_timeout), signal, (limited) => identityOf(host, limited));
    const elapsed = clock.monotonicMs() - begun;
    if (now && isAnotherBoot(before, now)) return elapsed;
    if (!now) downSince ??= clock.monotonicMs();
    if (elapsed >= limitMs) throw lost(host, limitMs, downSince !== undefined);
    const down = downSince === undefined ? 'going down' : `down for ${formatDuration(clock.monotonicMs() - downSince)}`;
    host.report(`${down} (limit ${Math.round(limitMs / 1000)} s)`);
    await clock.sleep(Math.min(POLL_MS, Math.max(1, limitMs - elapsed)), signal);
  }
}

/** Undefined when the host cannot be talked to. */
async function identityOf(host: ActionHost, signal: AbortSignal): Promise<BootIdentity | undefined> {
  try {
    const session = await host.session();
    await session.reconnect(signal);
    const [answer] = await host.ask([bootProbe], signal);
    return readBootIdentity(answer);
  } catch (error) {
    if (error instanceof UnreachableError) return undefined;
    throw error;
  }
}

function lost(host: ActionHost, limitMs: number, wentDown: boolean): BenchError {
  const limit = formatDuration(limitMs);
  if (!wentDown) {
    return new TimeLimitError(
      `${host.name} is still in the same boot after ${limit}`,
      `what holds it: ssh ${host.name} systemctl list-jobs`,
    );
  }
  return new TimeLimitError(
    `${host.name} did not come back within ${limit}`,
    'look at its console (IPMI serial-over-LAN, or the screen); the entry before stays the default unless it was changed',
  );
}

/** Waits until systemd has started everything and the test passes; tells systemd's state, empty without systemd. */
async function settle(host: ActionHost, task: Params, begun: number, signal: AbortSignal): Promise<string> {
  const deadlineMs = begun + toMs(task.reboot_timeout);
  // Without --wait the answer may be "running" just before a unit fails.
  const question = askShell('command -v systemctl >/dev/null 2>&1 || exit 0; systemctl is-system-running --wait');
  const settled = await insist(host, { probe: volatile(question), what: 'systemd to settle', deadlineMs }, signal);
  if (task.test_command !== undefined) {
    const probe = volatile(ask(...(splitWords(task.test_command) ?? [])));
    await insist(host, { probe, what: task.test_command, accept: 0, deadlineMs }, signal);
  }
  return settled.stdout.trim();
}
