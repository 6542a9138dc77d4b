import type { Duplex } from 'node:stream';
import { type Config, NodeSSH } from 'node-ssh';
import type { Client } from 'ssh2';
import type { Clock } from '../contract/clock.ts';
import { UnreachableError } from '../core/errors.ts';
import type { Files } from './files.ts';
import { knownKeysOf, refusalOf } from './host-key.ts';
import { interruptionOf } from './interruption.ts';
import { algorithmsFor } from './known-hosts.ts';
import { prepareAuthentication } from './ssh-auth.ts';
import { explainConnect, isImpatience, levelOf } from './ssh-errors.ts';
import { labelOf, type SshHop } from './ssh-hop.ts';
import { openProxy } from './ssh-proxy.ts';
import { createSshTransport } from './ssh-transport.ts';
import type { Transport } from './transport.ts';

export interface SshDependencies {
  readonly files: Files;
  readonly clock: Clock;
}

/** A dead peer is noticed after three silent intervals. */
const KEEPALIVE_MS = 15_000;
const KEEPALIVE_COUNT = 3;

/** Connects through all hops in turn, each inside the one before. */
export async function dialSsh(
  hops: readonly SshHop[],
  dependencies: SshDependencies,
  signal: AbortSignal,
): Promise<Transport> {
  const clients: Client[] = [];
  const closeAll = () => {
    for (const client of clients.toReversed()) client.end();
  };
  try {
    for (const hop of hops) {
      const before = clients.at(-1);
      const sock = before ? await forward(before, hop) : hop.proxyCommand === undefined ? undefined : openProxy(hop);
      clients.push(await connectHop(hop, sock, dependencies, signal));
    }
  } catch (error) {
    closeAll();
    throw error;
  }
  const [client, hop] = [clients.at(-1), hops.at(-1)];
  if (!client || !hop) throw new Error('no hop to connect to');
  return createSshTransport(client, labelOf(hop), closeAll);
}

async function connectHop(
  hop: SshHop,
  sock: Duplex | undefined,
  { files, clock }: SshDependencies,
  signal: AbortSignal,
): Promise<Client> {
  const authentication = await prepareAuthentication(hop, files);
  const known = hop.policy === 'off' ? [] : await knownKeysOf(hop, files);
  let refusal: UnreachableError | undefined;
  const ssh = new NodeSSH();
  const config: Config = {
    username: hop.user,
    host: hop.address,
    port: hop.port,
    readyTimeout: hop.connectTimeoutMs,
    keepaliveInterval: KEEPALIVE_MS,
    keepaliveCountMax: KEEPALIVE_COUNT,
    algorithms: { serverHostKey: algorithmsFor(known) },
    authHandler: authentication.handler,
    hostVerifier: (key: Buffer, verify: (isTrusted: boolean) => void) => {
      refusalOf(hop, known, key, clock).then(
        (found) => {
          refusal = found;
          verify(found === undefined);
        },
        () => verify(false),
      );
    },
    ...(sock && { sock }),
    ...(authentication.onLog && { debug: authentication.onLog }),
  };
  if (signal.aborted) throw interruptionOf(signal);
  const connecting = ssh.connect(config);
  const client = ssh.connection;
  // Errors come as events also after the connection was made; without a listener each would end the process.
  client?.on('error', () => {});
  client?.on('connect', () => client.setNoDelay(true));
  const abort = Promise.withResolvers<never>();
  const onAbort = () => {
    client?.destroy();
    abort.reject(interruptionOf(signal));
  };
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    await Promise.race([connecting, abort.promise]);
  } catch (error) {
    connecting.catch(() => {});
    client?.destroy();
    if (signal.aborted) throw interruptionOf(signal);
    if (refusal) throw refusal;
    if (isImpatience(error)) throw authentication.impatience();
    throw levelOf(error) === 'client-authentication' ? authentication.refusal() : explainConnect(error, hop);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
  if (!client) throw new Error('node-ssh made no client');
  return client;
}

function forward(client: Client, hop: SshHop): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    client.forwardOut('127.0.0.1', 0, hop.address, hop.port, (cause, stream) => {
      if (!cause) resolve(stream);
      else {
        const message = `${labelOf(hop)}: the jump host could not reach ${hop.address} port ${hop.port}: ${cause.message}`;
        reject(
          new UnreachableError('E_SSH_JUMP', message, {
            hint: 'check the address as seen from the jump host, and AllowTcpForwarding there',
            cause,
          }),
        );
      }
    });
  });
}
