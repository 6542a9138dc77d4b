import { appendFile, mkdir, open, readFile, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../contract/clock.ts';
import { UnreachableError } from '../core/errors.ts';
import { codeOf, type Files } from './files.ts';
import { fingerprintOfKey, judge, type KnownKey, keysFor, keyType, parseKnownHosts } from './known-hosts.ts';
import { labelOf, type SshHop } from './ssh-hop.ts';

/** Every key that the hop's files hold for its name. */
export async function knownKeysOf(hop: SshHop, files: Files): Promise<readonly KnownKey[]> {
  const found: KnownKey[] = [];
  for (const file of hop.knownHostsFiles) {
    found.push(...keysFor(parseKnownHosts((await files.readText(file)) ?? '', file), hop.knownAs));
  }
  return found;
}

/** Undefined when the key is trusted (a new one is then written down, where the policy says so); else why it is not. */
export async function refusalOf(
  hop: SshHop,
  known: readonly KnownKey[],
  shown: Buffer,
  clock: Clock,
): Promise<UnreachableError | undefined> {
  if (hop.policy === 'off') return undefined;
  const verdict = judge(known, shown);
  const [file = ''] = hop.knownHostsFiles;
  const seen = `${keyType(shown)} ${fingerprintOfKey(shown)}`;
  switch (verdict.kind) {
    case 'known':
      return undefined;
    case 'revoked':
      return new UnreachableError(
        'E_HOST_KEY_REVOKED',
        `${labelOf(hop)}: the host shows the key ${seen}, which is revoked at ${verdict.known.file}:${verdict.known.line}`,
        { hint: 'give the host a new key; a revoked one is known to be in wrong hands' },
      );
    case 'changed':
      return new UnreachableError(
        'E_HOST_KEY_CHANGED',
        `${labelOf(hop)}: the host shows the key ${seen}, but ${verdict.known.type} ${fingerprintOfKey(verdict.known.key)} is known at ${verdict.known.file}:${verdict.known.line}`,
        { hint: `if the host was installed anew: ssh-keygen -R '${hop.knownAs}' -f '${verdict.known.file}'` },
      );
    case 'unknown':
      if (hop.policy === 'accept-new') return accept(hop, shown, clock);
      return new UnreachableError('E_HOST_KEY_UNKNOWN', `${labelOf(hop)}: the host's key ${seen} is not known`, {
        hint: `compare it on the host (ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub), then: ${scanCommand(hop)} >>'${file}'; or set bench_host_key_checking=accept-new`,
      });
  }
}

function scanCommand({ address, port }: SshHop): string {
  return `ssh-keyscan${port === 22 ? '' : ` -p ${port}`} ${address}`;
}

async function accept(hop: SshHop, shown: Buffer, clock: Clock): Promise<UnreachableError | undefined> {
  const [file] = hop.knownHostsFiles;
  if (file === undefined) return undefined;
  const line = `${hop.knownAs} ${keyType(shown)} ${shown.toString('base64')}\n`;
  try {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    await underLock(`${file}.lock`, clock, () => append(file, line));
    return undefined;
  } catch (cause) {
    return new UnreachableError(
      'E_HOST_KEY_UNWRITTEN',
      `${labelOf(hop)}: the host's new key could not be added to ${file}`,
      {
        hint: 'make the file writable, or set bench_host_key_checking=off',
        cause,
      },
    );
  }
}

async function append(file: string, line: string): Promise<void> {
  const text = await readFile(file, 'utf8').catch(() => '');
  if (text.split('\n').includes(line.trimEnd())) return;
  const gap = text === '' || text.endsWith('\n') ? '' : '\n';
  await appendFile(file, gap + line, { mode: 0o600 });
}

/** A lock older than this was left by something that was killed: nobody holds it for longer than a few milliseconds. */
const STALE_LOCK_MS = 10_000;

async function underLock(lock: string, clock: Clock, work: () => Promise<void>): Promise<void> {
  const never = new AbortController().signal;
  for (;;) {
    try {
      await (await open(lock, 'wx', 0o600)).close();
      break;
    } catch (error) {
      if (codeOf(error) !== 'EEXIST') throw error;
      const age = await stat(lock).then(
        ({ mtimeMs }) => clock.now() - mtimeMs,
        () => 0,
      );
      if (age > STALE_LOCK_MS) await rm(lock, { force: true });
      else await clock.sleep(20, never);
    }
  }
  try {
    await work();
  } finally {
    await rm(lock, { force: true });
  }
}
