import { spawn } from 'node:child_process';
import { type Channel, type ChannelExit, NotOpenedError, type Transport } from './transport.ts';

/** The controller itself as a host. `environment` is what its commands see. */
export function createLocalTransport(environment: Readonly<Record<string, string>>): Transport {
  return {
    label: 'local',
    isAlive: () => true,
    open: (commandLine) => openLocal(commandLine, environment),
    close: async () => {},
  };
}

function openLocal(commandLine: string, environment: Readonly<Record<string, string>>): Promise<Channel> {
  return new Promise((resolve, reject) => {
    // A session of its own, so that its process group can be ended without ending bench.
    const child = spawn('sh', ['-c', commandLine], { detached: true, env: { ...environment }, stdio: 'pipe' });
    const exit = new Promise<ChannelExit>((settle) => {
      child.once('exit', (code, signal) => {
        settle(code === null ? { kind: 'signalled', signal: signal ?? 'SIGKILL' } : { kind: 'exited', code });
      });
    });
    child.stdin.on('error', () => {});
    child.once('error', (cause) =>
      reject(new NotOpenedError('E_LOCAL_SHELL', 'sh could not be started here', { cause })),
    );
    child.once('spawn', () => {
      resolve({
        stdin: child.stdin,
        stdout: child.stdout,
        stderr: child.stderr,
        exit,
        close: () => {
          child.stdin.destroy();
          child.stdout.destroy();
          child.stderr.destroy();
        },
      });
    });
  });
}
