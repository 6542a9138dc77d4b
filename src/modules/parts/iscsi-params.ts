import { z } from 'zod';
import { messageOf } from '../../core/errors.ts';
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
