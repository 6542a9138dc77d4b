import { homedir } from 'node:os';
import { realFiles } from '../connection/files.ts';
import { expandHome } from '../connection/host-address.ts';
import { loadIdentity } from '../connection/identity.ts';
import type { HostTarget, HostVariables } from '../connection/target.ts';
import type { HostName } from '../contract/host.ts';
import { type Diagnostic, formatPosition, type Position } from '../core/diagnostic.ts';
import { UnreachableError } from '../core/errors.ts';

/** A host with how it is reached and the variables that say so. */
export interface KeyedHost {
  readonly host: HostName;
  readonly found: HostTarget;
  readonly variables: HostVariables;
}

const KEY_VARIABLES = ['ansible_ssh_private_key_file', 'ansible_private_key_file'] as const;

/**
 * What is wrong with the private keys that the variables of hosts name, as far as the controller's files show it: a key
 * that is missing, open to others, or none at all is found before anything is connected. One diagnostic a key and place.
 */
export async function checkKeys(hosts: readonly KeyedHost[]): Promise<readonly Diagnostic[]> {
  const found = new Map<string, Promise<Diagnostic | undefined>>();
  for (const keyed of hosts) {
    const place = placeOf(keyed);
    if (!place) continue;
    const key = `${place.file} ${formatPosition(place.at)}`;
    if (!found.has(key)) found.set(key, checkKey(keyed, place));
  }
  const checked = await Promise.all(found.values());
  return checked.filter((diagnostic) => diagnostic !== undefined);
}

interface Place {
  readonly file: string;
  readonly at: Position;
}

/** The key that a host's variables name and where; one with ssh's `%` words is known only when ssh's options are read. */
function placeOf({ found: { target }, variables }: KeyedHost): Place | undefined {
  if (target.kind !== 'ssh' || target.keyFile === undefined || target.keyFile.includes('%')) return undefined;
  const at = KEY_VARIABLES.flatMap((name) => variables.get(name)?.at ?? [])[0];
  const file = expandHome(target.keyFile, homedir());
  return at === undefined || file === 'none' ? undefined : { file, at };
}

async function checkKey({ host, found: { target } }: KeyedHost, { file, at }: Place): Promise<Diagnostic | undefined> {
  const passphrase = target.kind === 'ssh' ? target.passphrase : undefined;
  try {
    const loaded = await loadIdentity({ file, origin: 'named', passphrase }, host, realFiles);
    if (loaded?.kind !== 'usable' || !isDamaged(loaded.key)) return undefined;
    const message = `${host}: the private key ${file} is damaged: what stands in it is no key`;
    return { code: 'E_SSH_KEY_FORMAT', at, message, hint: `ssh-keygen -y -f ${file}` };
  } catch (thrown) {
    if (!(thrown instanceof UnreachableError)) throw thrown;
    return { code: thrown.code, at, message: thrown.message, ...(thrown.hint && { hint: thrown.hint }) };
  }
}

/** Whether a file in OpenSSH's own form lacks the words with which every such key begins. */
function isDamaged(text: string): boolean {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)(-----END|$)/.exec(text)?.[1];
  return body !== undefined && !Buffer.from(body, 'base64').toString('latin1').startsWith('openssh-key-v1\0');
}
