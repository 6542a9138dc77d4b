import { createHmac } from 'node:crypto';

/**
 * Whether the first field of a known_hosts line names the host. Hashed names (`|1|salt|hash`) are HMAC-SHA1 of the name with
 * the salt as the key, as ssh-keygen -H writes them; patterns with `*` and `?` are not followed: they name no one host.
 */
export function namesHost(field: string, name: string): boolean {
  return field.split(',').some((part) => (part.startsWith('|') ? isHashOf(part, name) : part === name));
}

/** The field without the host; empty when it named nobody else. */
export function withoutHost(field: string, name: string): string {
  return field
    .split(',')
    .filter((part) => !namesHost(part, name))
    .join(',');
}

function isHashOf(part: string, name: string): boolean {
  const [, version, salt, hash] = part.split('|');
  if (version !== '1' || !salt || !hash) return false;
  return createHmac('sha1', Buffer.from(salt, 'base64')).update(name).digest('base64') === hash;
}
