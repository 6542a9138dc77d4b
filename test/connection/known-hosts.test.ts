import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  algorithmsFor,
  fingerprintOfKey,
  judge,
  keysFor,
  keyType,
  parseKnownHosts,
} from '../../src/connection/known-hosts.ts';

/** A public key in its binary form, with a body that nothing looks into. */
function keyOf(type: string, body: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(type.length);
  return Buffer.concat([length, Buffer.from(type + body)]);
}
const ED = keyOf('ssh-ed25519', 'ed');
const RSA = keyOf('ssh-rsa', 'rsa');
const OTHER = keyOf('ssh-ed25519', 'other');
const line = (hosts: string, key: Buffer) => `${hosts} ${keyType(key)} ${key.toString('base64')}`;

function namesFound(hosts: string, names: readonly string[]): readonly string[] {
  const keys = parseKnownHosts(line(hosts, ED), 'known_hosts');
  return names.filter((name) => keysFor(keys, name).length > 0);
}

describe('known_hosts', () => {
  it('finds a host by name, pattern, port and hash', () => {
    expect(namesFound('xen1,192.0.2.1', ['xen1', '192.0.2.1', 'XEN1', 'xen', '[xen1]:22'])).toEqual([
      'xen1',
      '192.0.2.1',
      'XEN1',
    ]);
    expect(
      namesFound('*.lab.example.com,!bad.lab.example.com', [
        'a.lab.example.com',
        'bad.lab.example.com',
        'lab.example.com',
      ]),
    ).toEqual(['a.lab.example.com']);
    expect(namesFound('[xen?]:2222', ['[xen1]:2222', '[xen10]:2222', 'xen1'])).toEqual(['[xen1]:2222']);
    const salt = Buffer.from('twenty bytes of salt');
    const hash = createHmac('sha1', salt).update('[xen1]:2222').digest('base64');
    expect(namesFound(`|1|${salt.toString('base64')}|${hash}`, ['[xen1]:2222', 'xen1'])).toEqual(['[xen1]:2222']);
  });

  it('leaves out comments, authorities and lines that make no sense', () => {
    const text = [
      '# xen1 ssh-rsa AAAA',
      '',
      'xen1',
      `@cert-authority ${line('xen1', ED)}`,
      `  ${line('xen1', RSA)} comment here\r`,
    ].join('\n');
    expect(parseKnownHosts(text, 'f').map(({ type, line: at }) => [type, at])).toEqual([['ssh-rsa', 5]]);
  });

  it('trusts a known key, and tells one that is new from one that changed or was revoked', () => {
    const known = parseKnownHosts([line('xen1', RSA), line('xen1', ED)].join('\n'), 'f');
    const revoked = parseKnownHosts(`@revoked ${line('*', ED)}`, 'f');
    expect(judge(known, ED)).toEqual({ kind: 'known' });
    expect(judge([], ED)).toEqual({ kind: 'unknown' });
    expect(judge(revoked, OTHER)).toEqual({ kind: 'unknown' });
    expect(judge(known, OTHER)).toMatchObject({ kind: 'changed', known: { line: 2 } });
    expect(judge([...known, ...revoked], ED)).toMatchObject({ kind: 'revoked' });
  });

  it('takes a key of another type for a changed one: else anybody could offer the type that is not known', () => {
    expect(judge(parseKnownHosts(line('xen1', RSA), 'f'), ED)).toMatchObject({
      kind: 'changed',
      known: { type: 'ssh-rsa' },
    });
  });

  it('puts the algorithms of known keys first', () => {
    const known = parseKnownHosts(line('xen1', RSA), 'f');
    expect(algorithmsFor(known).slice(0, 4)).toEqual(['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa', 'ssh-ed25519']);
    expect(algorithmsFor([]).at(0)).toBe('ssh-ed25519');
  });

  it('shows a key as ssh-keygen does', () => {
    expect(fingerprintOfKey(ED)).toMatch(/^SHA256:[\w+/]{43}$/);
  });
});
