import Docker from 'dockerode';
import { BenchError, messageOf } from '../core/errors.ts';

/** A container engine that has answered. Which one, DOCKER_HOST says; its usual socket otherwise. */
export async function connectEngine(): Promise<Docker> {
  const engine = new Docker();
  try {
    await engine.ping();
  } catch (cause) {
    const forbidden = cause instanceof Error && 'code' in cause && cause.code === 'EACCES';
    throw new BenchError('E_ENGINE', `no container engine answers: ${messageOf(cause)}`, {
      hint: forbidden ? 'sudo usermod -aG docker "$USER", then log in again' : 'sh lab/prepare.sh engine',
      cause,
    });
  }
  return engine;
}

/** True where the engine says that there is no such image, network, container or volume. */
export function isAbsent(error: unknown): boolean {
  return statusOf(error) === 404;
}

/** True where the engine says that it is in use. */
export function isInUse(error: unknown): boolean {
  return statusOf(error) === 409;
}

/** True where the engine says that what is asked for is so already. */
export function isSettled(error: unknown): boolean {
  return statusOf(error) === 304;
}

function statusOf(error: unknown): unknown {
  return error instanceof Error && 'statusCode' in error ? error.statusCode : undefined;
}

interface KnownFailure {
  readonly pattern: RegExp;
  readonly code: string;
  readonly what: string;
  readonly hint: string;
}

const knownFailures: readonly KnownFailure[] = [
  {
    pattern: /port is already allocated|address already in use|ports are not available/i,
    code: 'E_LAB_PORT',
    what: 'its ssh port is taken by another program',
    hint: "ss -ltnp | grep ':221'",
  },
  {
    pattern: /pool overlaps|overlaps with other one|conflicts with network/i,
    code: 'E_LAB_SUBNET',
    what: "the lab's network overlaps with another one of this machine",
    hint: 'docker network ls',
  },
  {
    pattern: /inotify|too many open files/i,
    code: 'E_LAB_INOTIFY',
    what: 'systemd gets no more inotify instances',
    hint: 'sysctl -w fs.inotify.max_user_instances=1024',
  },
  {
    pattern: /operation not permitted|unable to apply caps/i,
    code: 'E_LAB_RIGHTS',
    what: 'the engine may not give the capabilities SYS_ADMIN and NET_ADMIN',
    hint: 'docker info',
  },
];

/** What an engine's refusal or a dying container's last words mean, in bench's words. */
export function toLabError(subject: string, answer: string, cause?: unknown): BenchError {
  const said = answer.replace(/^\(HTTP code \d+\) [a-z ]*- /, '').trim();
  const known = knownFailures.find(({ pattern }) => pattern.test(said));
  if (known === undefined) return new BenchError('E_LAB', `${subject}: ${said}`, { cause });
  return new BenchError(known.code, `${subject}: ${known.what} (${said})`, { hint: known.hint, cause });
}
