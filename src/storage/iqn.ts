import { PreconditionError } from '../core/errors.ts';

declare const brand: unique symbol;

/** An iSCSI qualified name that targetcli takes, in small letters. */
export type Iqn = string & { readonly [brand]: 'Iqn' };

/** RFC 7143: a name has at most 223 bytes. */
const LONGEST = 223;

/**
 * Why `text` is no name that the tools take, or undefined. The rules are those of rtslib 2.1.75, stricter than the RFC in
 * one point (a dot is needed somewhere after the date's part) and the RFC's where rtslib lets anything pass.
 */
export function iqnProblem(text: string): string | undefined {
  const name = text.toLowerCase();
  if (!name.startsWith('iqn.')) return 'an iSCSI name begins with "iqn."';
  if (name.length > LONGEST) return `an iSCSI name has at most ${LONGEST} characters`;
  const [, date, rest = ''] = /^iqn\.([^.]*)(?:\.(.*))?$/.exec(name) ?? [];
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(date ?? ''))
    return `"${date ?? ''}" is no date; after "iqn." come year and month, as in 2026-11`;
  if (name.includes('_')) return 'targetcli takes no underscore in an iSCSI name';
  const stranger = /[^a-z0-9.:-]/.exec(name)?.[0];
  if (stranger !== undefined) return `"${stranger}" cannot stand in an iSCSI name`;
  if (!/^.+\..+$/.test(rest)) return "targetcli wants a dot after the date's part, as in iqn.2026-11.lab.bench:disk1";
  return undefined;
}

/** The name in small letters, as every tool shows it. Throws `PreconditionError` when the tools would refuse it. */
export function toIqn(text: string): Iqn {
  const problem = iqnProblem(text);
  if (problem !== undefined) throw new PreconditionError(`"${text}" is no iSCSI name: ${problem}`);
  return text.toLowerCase() as Iqn;
}

/** A name that a tool showed: it is a name, also where bench would not give it. */
export function seenIqn(text: string): Iqn {
  return text.toLowerCase() as Iqn;
}
