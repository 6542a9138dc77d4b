/** `user@host:port`, `[address]:port`, `ssh://user@host:port`: what ssh takes for a destination. */
export interface Destination {
  readonly host: string;
  readonly user: string | undefined;
  readonly port: number | undefined;
}

export function parseDestination(text: string): Destination | undefined {
  const match = /^(?:ssh:\/\/)?(?:([^@]+)@)?(?:\[([^\]]+)\]|([^:[\]@]+)|([0-9a-fA-F:]+))(?::(\d+))?$/.exec(text.trim());
  if (!match) return undefined;
  const [, user, bracketed, plain, bare, port] = match;
  const host = bracketed ?? plain ?? bare;
  return host === undefined ? undefined : { host, user, port: port === undefined ? undefined : Number(port) };
}

/** How known_hosts names a host: with the port in brackets unless it is 22. */
export function knownHostName(host: string, port: number): string {
  return port === 22 ? host : `[${host}]:${port}`;
}

/** `~` and `~/x` as paths in the home folder. */
export function expandHome(path: string, home: string): string {
  return path === '~' || path.startsWith('~/') ? `${home}${path.slice(1)}` : path;
}
