import { z } from 'zod';
import { messageOf } from '../../core/errors.ts';
import { Secret } from '../../core/secret.ts';
import { type Chap, chapPasswordProblem, chapUserProblem } from '../../storage/chap.ts';
import { iqnProblem } from '../../storage/iqn.ts';
import { parsePortal } from '../../storage/portal.ts';

/** A check by a function that says what is wrong. */
export function checkedBy(problemOf: (text: string) => string | undefined) {
  return z.superRefine<string>((text, context) => {
    const problem = problemOf(text);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: problem });
  });
}

export const iqn = z.string().check(checkedBy(iqnProblem));

export const portal = z.string().check(checkedBy(portalProblem));

function portalProblem(text: string): string | undefined {
  try {
    parsePortal(text);
    return undefined;
  } catch (thrown) {
    return messageOf(thrown);
  }
}

export const chapUser = z.string().check(checkedBy(chapUserProblem)).optional().describe('CHAP user.');
export const chapPassword = z.string().check(checkedBy(chapPasswordProblem)).optional().describe('CHAP password.');

interface Login {
  readonly user?: string | undefined;
  readonly password?: string | undefined;
}

/** Half a login would silently mean no authentication at all. */
export function isWholeLogin({ user, password }: Login): boolean {
  return (user === undefined) === (password === undefined);
}

export const HALF_LOGIN = 'user and password belong together: give both or neither';

export function chapOf({ user, password }: Login): Chap | undefined {
  return user === undefined || password === undefined ? undefined : { user, password: new Secret(password) };
}

/** The first value that a list has twice. */
export function twiceIn<T>(values: readonly T[]): T | undefined {
  return values.find((value, index) => values.indexOf(value) !== index);
}
