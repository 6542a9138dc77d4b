import { PassThrough } from 'node:stream';
import Docker from 'dockerode';
import { UnreachableError } from '../core/errors.ts';
import { createDemuxer } from './demux.ts';
import type { DockerTarget } from './target.ts';
import { type Channel, type ChannelExit, NotOpenedError, type Transport } from './transport.ts';

/** A way into a running container. Rejects with `UnreachableError` when there is none of that name. */
export async function dialDocker(
  { container: name, user }: DockerTarget,
  docker: Docker = new Docker(),
): Promise<Transport> {
  const container = docker.getContainer(name);
  const label = `container ${name}`;
  try {
    const { State } = await container.inspect();
    if (!State.Running) {
      throw new UnreachableError('E_DOCKER_STOPPED', `${label} is not running`, { hint: `docker start ${name}` });
    }
  } catch (cause) {
    if (cause instanceof UnreachableError) throw cause;
    throw explainDocker(label, cause);
  }
  let isAlive = true;
  return {
    label,
    isAlive: () => isAlive,
    async open(commandLine) {
      try {
        const exec = await container.exec({
          Cmd: ['sh', '-c', commandLine],
          AttachStdin: true,
          AttachStdout: true,
          AttachStderr: true,
          ...(user !== undefined && { User: user }),
        });
        const socket = await exec.start({ hijack: true, stdin: true });
        return toChannel(socket, () => exec.inspect());
      } catch (cause) {
        isAlive = false;
        const { code, message, hint } = explainDocker(label, cause);
        throw new NotOpenedError(code, message, { cause, ...(hint !== undefined && { hint }) });
      }
    },
    async close() {
      isAlive = false;
    },
  };
}

function toChannel(
  socket: Channel['stdin'] & Channel['stdout'],
  inspect: () => Promise<{ ExitCode: number | null }>,
): Channel {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const end = Promise.withResolvers<ChannelExit>();
  const demux = createDemuxer({ stdout, stderr });
  socket.on('data', (chunk: Buffer) => {
    if (demux(chunk)) return;
    socket.pause();
    // Both are read at all times, so the one that is full drains in a moment.
    const full = stdout.writableNeedDrain ? stdout : stderr;
    full.once('drain', () => socket.resume());
  });
  socket.on('error', (cause: Error) => end.resolve({ kind: 'lost', cause }));
  socket.on('close', async () => {
    stdout.end();
    stderr.end();
    try {
      const { ExitCode } = await inspect();
      end.resolve(
        ExitCode === null
          ? { kind: 'lost', cause: new Error('the container gave no exit code') }
          : { kind: 'exited', code: ExitCode },
      );
    } catch (cause) {
      end.resolve({ kind: 'lost', cause: cause instanceof Error ? cause : new Error(String(cause)) });
    }
  });
  socket.on('end', () => socket.destroy());
  return { stdin: socket, stdout, stderr, exit: end.promise, close: () => socket.destroy() };
}

function explainDocker(label: string, cause: unknown): UnreachableError {
  const status = cause instanceof Error && 'statusCode' in cause ? cause.statusCode : undefined;
  if (status === 404) {
    return new UnreachableError('E_DOCKER_UNKNOWN', `there is no ${label}`, { hint: 'docker ps --all', cause });
  }
  if (status === 409)
    return new UnreachableError('E_DOCKER_STOPPED', `${label} is not running`, { hint: 'docker ps --all', cause });
  const message = cause instanceof Error ? cause.message : String(cause);
  return new UnreachableError('E_DOCKER', `${label}: ${message}`, { hint: 'docker info', cause });
}
