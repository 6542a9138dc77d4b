import { describe, expect, test } from 'vitest';
import { findInput } from '../../../src/engine/check/inputs.ts';

describe('a file that a task names is looked for', () => {
  test.each([
    ['in files/ of its folder first', 'file', ['p/files/a', 'p/a', 'files/a'], 'p/files/a'],
    ['then in its folder', 'file', ['p/a', 'files/a'], 'p/a'],
    ['then in files/ beside its folder', 'file', ['files/a'], 'files/a'],
    ['a template in templates/', 'template', ['p/files/a', 'p/templates/a'], 'p/templates/a'],
    ['nowhere else', 'template', ['a', 'files/a'], undefined],
  ] as const)('%s', (_where, kind, present, expected) => {
    expect(findInput('a', kind, 'p', (path) => present.some((one) => one === path))).toBe(expected);
  });

  test('as it stands when the path is absolute', () => {
    expect(findInput('/etc/motd', 'file', 'p', () => true)).toBe('/etc/motd');
    expect(findInput('/etc/motd', 'file', 'p', () => false)).toBeUndefined();
  });

  test('under the path that it has inside these folders', () => {
    expect(findInput('sub/a', 'file', '/lab/playbooks', (path) => path === '/lab/files/sub/a')).toBe(
      '/lab/files/sub/a',
    );
  });
});
