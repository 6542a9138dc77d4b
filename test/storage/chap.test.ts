import { describe, expect, test } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { chapPasswordProblem, chapUserProblem, isSameChap } from '../../src/storage/chap.ts';

describe('a CHAP password', () => {
  test.each(['twelveletter', 'sixteen-letters1', 'a.b_c+d@e:f/g-h1'])('%s is taken', (password) => {
    expect(chapPasswordProblem(password)).toBeUndefined();
  });

  test.each([
    'short',
    'seventeen-letters',
    'with space 12',
    "quote'quote12",
    'new\nline12345',
    'dollar$dollar',
    'umlautäöü1234',
  ])('%j is refused before it reaches a host', (password) => {
    expect(chapPasswordProblem(password)).toMatch(/^a CHAP password /);
  });
});

describe('CHAP', () => {
  const chap = (user: string, password: string) => ({ user, password: new Secret(password) });

  test('is the same only with the same user and password', () => {
    expect(isSameChap(chap('a', 'x'), chap('a', 'x'))).toBe(true);
    expect(isSameChap(chap('a', 'x'), chap('a', 'y'))).toBe(false);
    expect(isSameChap(chap('a', 'x'), chap('b', 'x'))).toBe(false);
    expect(isSameChap(chap('a', 'x'), undefined)).toBe(false);
    expect(isSameChap(undefined, undefined)).toBe(true);
  });

  test.each(['', 'two words', 'a=b'])('has no user "%s"', (user) => {
    expect(chapUserProblem(user)).toMatch(/^a CHAP user /);
    expect(chapUserProblem('xen1')).toBeUndefined();
  });
});
