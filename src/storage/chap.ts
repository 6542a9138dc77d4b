import type { Secret } from '../core/secret.ts';

/** What an initiator proves itself with. */
export interface Chap {
  readonly user: string;
  readonly password: Secret;
}

/** RFC 7143 wants 96 bits of secret at least; several targets and initiators refuse less than 12 or more than 16 characters. */
const SHORTEST = 12;
const LONGEST = 16;

/** What targetcli's shell takes in a value without quoting, and iscsiadm's record files on one line. */
const SAFE = /^[A-Za-z0-9._+@:/-]+$/;

/** Why a user name would not reach the tools unharmed, or undefined. */
export function chapUserProblem(user: string): string | undefined {
  return SAFE.test(user) ? undefined : 'a CHAP user consists of letters, digits and . _ + @ : / -';
}

/** Why a password would not do, or undefined. targetcli takes any length; a short one fails at the login only. */
export function chapPasswordProblem(password: string): string | undefined {
  if (password.length < SHORTEST || password.length > LONGEST)
    return `a CHAP password has ${SHORTEST} to ${LONGEST} characters`;
  return SAFE.test(password) ? undefined : 'a CHAP password consists of letters, digits and . _ + @ : / -';
}

export function isSameChap(one: Chap | undefined, other: Chap | undefined): boolean {
  if (one === undefined || other === undefined) return one === other;
  return one.user === other.user && one.password.reveal() === other.password.reveal();
}
