import type { Client, ClientChannel } from 'ssh2';
import { type Channel, type ChannelExit, NotOpenedError, type Transport } from './transport.ts';

/** A way to a host over a client that is connected. `closeAll` ends it and what it goes through. */
export function createSshTransport(client: Client, label: string, closeAll: () => void): Transport {
  let isAlive = true;
  let cause = new Error('the connection was closed');
  client.on('error', (error) => {
    cause = error;
  });
  client.on('close', () => {
    isAlive = false;
  });
  return {
    label,
    isAlive: () => isAlive,
    open: (commandLine) =>
      new Promise((resolve, reject) => {
        const fail = (error: Error) => {
          reject(
            isAlive
              ? new NotOpenedError('E_SSH_CHANNEL', `${label}: the host opened no channel: ${error.message}`, {
                  hint: 'raise MaxSessions in its sshd_config',
                  cause: error,
                })
              : new NotOpenedError('E_CONNECTION_LOST', `${label}: the connection was lost`, { cause: error }),
          );
        };
        try {
          client.exec(commandLine, (error, channel) =>
            error ? fail(error) : resolve(toChannel(channel, () => cause)),
          );
        } catch (error) {
          isAlive = false;
          fail(error instanceof Error ? error : new Error(String(error)));
        }
      }),
    async close() {
      isAlive = false;
      closeAll();
    },
  };
}

function toChannel(channel: ClientChannel, causeOf: () => Error): Channel {
  const exit = new Promise<ChannelExit>((resolve) => {
    channel.on('exit', (code: number | null, signal?: string) => {
      resolve(code === null ? { kind: 'signalled', signal: signal ?? 'SIGKILL' } : { kind: 'exited', code });
    });
    channel.on('close', () => resolve({ kind: 'lost', cause: causeOf() }));
  });
  channel.on('error', () => {});
  return { stdin: channel, stdout: channel, stderr: channel.stderr, exit, close: () => channel.destroy() };
}
