import { spawn } from 'node:child_process';
import { Duplex } from 'node:stream';
import type { SshHop } from './ssh-hop.ts';

/** The two ends of a ProxyCommand as one stream. */
export function openProxy(hop: SshHop): Duplex {
  const tokens: Readonly<Record<string, string>> = {
    h: hop.address,
    p: String(hop.port),
    r: hop.user,
    n: hop.address,
    '%': '%',
  };
  const command = (hop.proxyCommand ?? '').replaceAll(/%([hprn%])/g, (whole, token: string) => tokens[token] ?? whole);
  const child = spawn('sh', ['-c', `exec ${command}`], { stdio: ['pipe', 'pipe', 'ignore'] });
  child.stdin.on('error', () => {});
  const duplex = Duplex.from({ readable: child.stdout, writable: child.stdin });
  duplex.on('error', () => {});
  duplex.once('close', () => child.kill());
  return duplex;
}
