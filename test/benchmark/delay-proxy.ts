import { connect, createServer, type Server, type Socket } from 'node:net';
import type { Farm, FarmHost } from './sshd-farm.ts';

/** Port of the proxies, on each host's own address. */
const PORT = 22823;

export interface DelayedFarm extends Farm {
  closeProxies(): void;
}

/** The same hosts behind a line whose round trip takes `latencyMs` longer. Bytes keep their order; nothing is lost or slowed. */
export async function delayed(farm: Farm, latencyMs: number): Promise<DelayedFarm> {
  const addresses = [...new Set(farm.hosts.map(({ address }) => address))];
  const servers = await Promise.all(
    addresses.map((address) => listen(address, farm.hosts[0]?.port ?? 22, latencyMs / 2)),
  );
  const hosts = farm.hosts.map((host): FarmHost => ({ ...host, port: PORT }));
  return {
    ...farm,
    hosts,
    closeProxies() {
      for (const server of servers) server.close();
    },
  };
}

function listen(address: string, port: number, wayMs: number): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true }, (near) => {
      const far = connect({ host: address, port, noDelay: true });
      forward(near, far, wayMs);
      forward(far, near, wayMs);
    });
    server.once('error', reject);
    server.listen(PORT, address, () => resolve(server));
  });
}

function forward(from: Socket, to: Socket, wayMs: number): void {
  const later = (work: () => void) => setTimeout(work, wayMs);
  from.on('data', (chunk) => later(() => to.write(chunk)));
  from.on('end', () => later(() => to.end()));
  from.on('error', () => to.destroy());
}
