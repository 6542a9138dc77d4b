import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type Docker from 'dockerode';
import { BenchError, messageOf, TimeLimitError } from '../core/errors.ts';
import { execIn, inspectContainer } from './containers.ts';
import type { MockHost } from './mock-plan.ts';

const pollMs = 50;
const limitMs = 90_000;

/**
 * Runs in the host, as soon as it takes commands. The key is appended where it is missing: the file may hold keys that bench
 * provisioned. `systemctl is-system-running` without --wait may say "running" before the last unit has failed.
 */
const settle = `
mkdir -p -m 700 /root/.ssh
grep -qxF "$1" /root/.ssh/authorized_keys 2>/dev/null || (umask 077; echo "$1" >>/root/.ssh/authorized_keys)
until [ -S /run/systemd/private ]; do sleep 0.05; done
systemctl is-system-running --wait
until [ -s /etc/ssh/ssh_host_ed25519_key.pub ]; do sleep 0.05; done
cat /etc/ssh/ssh_host_ed25519_key.pub
systemctl list-units --failed --plain --no-legend --no-pager | cut -d ' ' -f 1
`;

export interface ReadyHost {
  readonly sshPort: number;
  /** The host key's public half. */
  readonly publicKey: string;
  readonly failedUnits: readonly string[];
}

/** Waits until systemd has started everything and sshd answers; `authorizedKey` may log in as root then. */
export async function waitForHost(
  engine: Docker,
  host: MockHost,
  authorizedKey: string,
  signal: AbortSignal,
): Promise<ReadyHost> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(limitMs)]);
  try {
    const said = await settled(engine, host, authorizedKey, limit);
    while (!(await sshAnswers(host.sshPort))) await delay(pollMs, undefined, { signal: limit });
    const [, publicKey = '', ...failedUnits] = said.trim().split('\n');
    return { sshPort: host.sshPort, publicKey, failedUnits };
  } catch (error) {
    signal.throwIfAborted();
    if (!limit.aborted) throw error;
    const hint = `docker logs ${host.container}`;
    throw new TimeLimitError(`${host.name} was not ready within ${limitMs / 1000} s: ${messageOf(error)}`, hint);
  }
}

async function settled(engine: Docker, host: MockHost, authorizedKey: string, limit: AbortSignal): Promise<string> {
  const command = ['timeout', String(limitMs / 1000), 'sh', '-c', settle, 'sh', authorizedKey];
  for (;;) {
    // A container that has just died or is being started again refuses commands, or ends them with itself.
    const result = await execIn(engine, host.container, command, limit).catch((error: Error) => error);
    if (!(result instanceof Error) && result.exitCode === 0) return result.stdout;
    const { state, failing } = await inspectContainer(engine, host.container);
    if (state === 'absent')
      throw new BenchError('E_LAB', `the container of ${host.name} is gone`, { hint: 'bench lab up' });
    if (failing) {
      throw new BenchError(
        'E_LAB_INOTIFY',
        `systemd ends at once on ${host.name}, as where inotify instances run out`,
        {
          hint: 'sysctl -w fs.inotify.max_user_instances=1024',
        },
      );
    }
    await delay(pollMs, undefined, { signal: limit });
  }
}

/** True when the port greets as an SSH server does: the engine's own forwarder accepts connections before sshd is there. */
function sshAnswers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const finish = (answers: boolean): void => {
      socket.destroy();
      resolve(answers);
    };
    socket.setTimeout(2000, () => finish(false));
    socket.once('data', (greeting) => finish(greeting.toString('latin1').startsWith('SSH-')));
    socket.once('error', () => finish(false));
    socket.once('end', () => finish(false));
  });
}
