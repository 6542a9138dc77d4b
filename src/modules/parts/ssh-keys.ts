/** A public key of OpenSSH, wherever it stands. */
export interface PublicKey {
  /** `ssh-ed25519`, `ssh-rsa`, … */
  readonly type: string;
  readonly base64: string;
  readonly comment: string;
}

const KEY = /(?:^|\s)((?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[\w@.-]+)\s+(AAAA[A-Za-z0-9+/]+={0,3})(?:\s+(.*))?$/;

/** The key in a line of authorized_keys, known_hosts or a `.pub` file. Undefined when there is none. */
export function parsePublicKey(line: string): PublicKey | undefined {
  const [, type, base64, comment = ''] = KEY.exec(line.trim()) ?? [];
  return type !== undefined && base64 !== undefined ? { type, base64, comment: comment.trim() } : undefined;
}

/** What stands before the key: options of authorized_keys, names of known_hosts. */
export function beforeKey(line: string): string {
  const match = KEY.exec(line.trim());
  return match ? line.trim().slice(0, match.index).trim() : '';
}

export function isComment(line: string): boolean {
  return /^\s*(#|$)/.test(line);
}

export function isSameKey(left: PublicKey, right: PublicKey): boolean {
  return left.type === right.type && left.base64 === right.base64;
}
