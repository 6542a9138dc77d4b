import { createHash, createHmac } from 'node:crypto';

/** One line of a known_hosts file. */
export interface KnownKey {
  readonly file: string;
  readonly line: number;
  readonly hosts: string;
  readonly isRevoked: boolean;
  readonly type: string;
  readonly key: Buffer;
}

export type Verdict =
  | { readonly kind: 'known' }
  /** No key at all is known for the name. */
  | { readonly kind: 'unknown' }
  /** Other keys are known for the name, and not this one. */
  | { readonly kind: 'changed'; readonly known: KnownKey }
  | { readonly kind: 'revoked'; readonly known: KnownKey };

/** Lines of a known_hosts file (sshd(8)). Certificate authorities and lines that make no sense are left out. */
export function parseKnownHosts(text: string, file: string): readonly KnownKey[] {
  const keys: KnownKey[] = [];
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const words = line.trim().split(/\s+/);
    const marker = words[0]?.startsWith('@') ? words.shift() : undefined;
    const [hosts = '', type = '', key = ''] = words;
    if (hosts.startsWith('#') || key === '' || marker === '@cert-authority') continue;
    const isRevoked = marker === '@revoked';
    keys.push({ file, line: index + 1, hosts, isRevoked, type, key: Buffer.from(key, 'base64') });
  }
  return keys;
}

/** The keys that stand for a name as `knownHostName` gives it. */
export function keysFor(keys: readonly KnownKey[], name: string): readonly KnownKey[] {
  return keys.filter(({ hosts }) => (hosts.startsWith('|') ? isHashOf(hosts, name) : isListed(hosts, name)));
}

function isHashOf(hashed: string, name: string): boolean {
  const [, version, salt = '', hash = ''] = hashed.split('|');
  if (version !== '1') return false;
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}

/** Comma-separated patterns with `*` and `?`; one with `!` that matches takes the name out. */
function isListed(patterns: string, name: string): boolean {
  let isFound = false;
  for (const pattern of patterns.split(',')) {
    const isNegated = pattern.startsWith('!');
    if (!wildcard(isNegated ? pattern.slice(1) : pattern).test(name)) continue;
    if (isNegated) return false;
    isFound = true;
  }
  return isFound;
}

function wildcard(pattern: string): RegExp {
  const text = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${text}$`, 'i');
}

/** What the keys known for one name say about the key that the host shows. */
export function judge(known: readonly KnownKey[], shown: Buffer): Verdict {
  const same = known.filter(({ key }) => key.equals(shown));
  const revoked = same.find(({ isRevoked }) => isRevoked);
  if (revoked) return { kind: 'revoked', known: revoked };
  if (same.length > 0) return { kind: 'known' };
  const valid = known.filter(({ isRevoked }) => !isRevoked);
  const other = valid.find(({ type }) => type === keyType(shown)) ?? valid[0];
  return other ? { kind: 'changed', known: other } : { kind: 'unknown' };
}

/** The type that stands at the head of a public key in its binary form. */
export function keyType(key: Buffer): string {
  return key.length < 4 ? '' : key.subarray(4, 4 + key.readUInt32BE(0)).toString('latin1');
}

/** As `ssh-keygen -l` shows it. */
export function fingerprintOfKey(key: Buffer): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

const ALGORITHMS = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
  'ssh-rsa',
] as const;

export type HostKeyAlgorithm = (typeof ALGORITHMS)[number];

/** Host key algorithms, those of the known keys first: else a host with several keys would show one that is not known. */
export function algorithmsFor(known: readonly KnownKey[]): HostKeyAlgorithm[] {
  const types = new Set(known.filter(({ isRevoked }) => !isRevoked).map(({ type }) => type));
  const isKnown = (algorithm: string) => types.has(algorithm.startsWith('rsa-sha2') ? 'ssh-rsa' : algorithm);
  return [...ALGORITHMS.filter(isKnown), ...ALGORITHMS.filter((algorithm) => !isKnown(algorithm))];
}
