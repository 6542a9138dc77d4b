import type { Clock } from '../contract/clock.ts';
import type { Connect, HostName } from '../contract/host.ts';
import { type Files, realFiles } from './files.ts';
import { createLocalTransport } from './local.ts';
import { createSession, type HostSession } from './session.ts';
import { dialSsh } from './ssh.ts';
import { type Environment, planHops } from './ssh-plan.ts';
import type { ConnectionTarget } from './target.ts';
import type { Dial } from './transport.ts';

export interface ConnectorOptions {
  readonly targetOf: (host: HostName) => ConnectionTarget;
  readonly environment: ConnectorEnvironment;
  readonly clock: Clock;
  /** The controller's files; the real ones when left out. */
  readonly files?: Files;
}

export interface ConnectorEnvironment extends Environment {
  /** Variables that commands on the controller itself get (`ansible_connection: local`). */
  readonly variables: Readonly<Record<string, string>>;
}

export interface Connector {
  readonly connect: Connect;
  closeAll(): Promise<void>;
}

/** One session a host: all who ask for the same host share it. */
export function createConnector({ targetOf, environment, clock, files = realFiles }: ConnectorOptions): Connector {
  const sessions = new Map<HostName, HostSession>();
  const dependencies = { environment, files, clock };

  function dialOf(target: ConnectionTarget): Dial {
    switch (target.kind) {
      case 'local':
        return async () => createLocalTransport(environment.variables);
      case 'docker':
        // dockerode is dear to load and few inventories need it.
        return async () => (await import('./docker.ts')).dialDocker(target);
      case 'ssh':
        return async (signal) => dialSsh(await planHops(target, dependencies), dependencies, signal);
    }
  }

  return {
    async connect(host, signal) {
      const session = sessions.get(host) ?? createSession({ host, clock, dial: dialOf(targetOf(host)) });
      sessions.set(host, session);
      await session.ensure(signal);
      return session;
    },
    async closeAll() {
      const open = [...sessions.values()];
      sessions.clear();
      await Promise.all(open.map((session) => session.close()));
    },
  };
}
