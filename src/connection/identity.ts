import { UnreachableError } from '../core/errors.ts';
import type { Files } from './files.ts';
import type { Identity } from './ssh-hop.ts';

export type LoadedIdentity =
  | { readonly kind: 'usable'; readonly file: string; readonly key: string; readonly passphrase: string | undefined }
  /** Cannot be used, and another way in may still be there. */
  | { readonly kind: 'skipped'; readonly file: string; readonly reason: string };

/** Reads a private key. Undefined when there is none at a place where none needs to be; throws for one that was named. */
export async function loadIdentity(
  identity: Identity,
  label: string,
  files: Files,
): Promise<LoadedIdentity | undefined> {
  const { file, origin, passphrase } = identity;
  const refuse = (code: string, what: string, hint: string, cause?: unknown): LoadedIdentity => {
    if (origin !== 'named') return { kind: 'skipped', file, reason: what };
    throw new UnreachableError(code, `${label}: the private key ${file} ${what}`, {
      hint,
      ...(cause !== undefined && { cause }),
    });
  };
  let text: string | undefined;
  try {
    text = await files.readText(file);
  } catch (cause) {
    return refuse(
      'E_SSH_KEY_UNREADABLE',
      'cannot be read',
      `check the owner and mode of ${file}: ls -l ${file}`,
      cause,
    );
  }
  if (text === undefined) {
    if (origin === 'usual') return undefined;
    return refuse(
      'E_SSH_KEY_MISSING',
      'does not exist',
      'correct ansible_ssh_private_key_file (a relative path counts from the inventory)',
    );
  }
  const mode = (await files.modeOf(file))?.mode ?? 0o600;
  if ((mode & 0o077) !== 0) {
    return refuse(
      'E_SSH_KEY_OPEN',
      `can be read by others (mode ${mode.toString(8).padStart(4, '0')})`,
      `chmod 600 ${file}`,
    );
  }
  if (!/-----BEGIN [A-Z ]*PRIVATE KEY-----|^PuTTY-User-Key-File/.test(text)) {
    return refuse('E_SSH_KEY_FORMAT', 'is no private key', 'name the private key, not its .pub file');
  }
  if (isEncrypted(text) && passphrase === undefined)
    return { kind: 'skipped', file, reason: 'is encrypted, and no passphrase is known' };
  return { kind: 'usable', file, key: text, passphrase: passphrase?.reveal() };
}

/** Whether a private key needs a passphrase: OpenSSH's own form names its cipher, the older ones say so in words. */
export function isEncrypted(text: string): boolean {
  const body = /-----BEGIN OPENSSH PRIVATE KEY-----([\s\S]*?)-----END/.exec(text)?.[1];
  if (body === undefined) return /ENCRYPTED/.test(text) || /^Encryption: (?!none)/m.test(text);
  const bytes = Buffer.from(body, 'base64');
  const magic = 'openssh-key-v1\0'.length;
  if (bytes.length < magic + 4) return false;
  return bytes.subarray(magic + 4, magic + 4 + bytes.readUInt32BE(magic)).toString('latin1') !== 'none';
}
