import { describe, expect, test } from 'vitest';
import { iqnProblem, toIqn } from '../../src/storage/iqn.ts';

describe('an iSCSI name', () => {
  // The captured answers of targetcli 2.1.53, and names that it takes though no initiator could use them.
  test.each([
    'iqn.2024-01.lab.bench:disk1',
    'iqn.2024-01.lab:a.b',
    'iqn.1994-05.com.redhat:1f2e3d',
    'iqn.2026-11.lab.bench',
  ])('%s is taken', (name) => {
    expect(iqnProblem(name)).toBeUndefined();
    expect(toIqn(name)).toBe(name);
  });

  test.each([
    ['disk1', 'an iSCSI name begins with "iqn."'],
    ['iqn.wrong', '"wrong" is no date; after "iqn." come year and month, as in 2026-11'],
    ['iqn.lab:disk1', '"lab:disk1" is no date; after "iqn." come year and month, as in 2026-11'],
    ['iqn.2024-13.lab.bench:disk1', '"2024-13" is no date; after "iqn." come year and month, as in 2026-11'],
    ['iqn.2024-01.lab:disk1', "targetcli wants a dot after the date's part, as in iqn.2026-11.lab.bench:disk1"],
    ['iqn.2024-01', "targetcli wants a dot after the date's part, as in iqn.2026-11.lab.bench:disk1"],
    ['iqn.2024-01.lab.bench:disk_9', 'targetcli takes no underscore in an iSCSI name'],
    ['iqn.2024-01.lab.bench:disk 9', '" " cannot stand in an iSCSI name'],
    ['iqn.2024-01.lab.bench:a/b', '"/" cannot stand in an iSCSI name'],
    [`iqn.2024-01.lab.bench:${'a'.repeat(210)}`, 'an iSCSI name has at most 223 characters'],
  ])('%s is refused', (name, problem) => {
    expect(iqnProblem(name)).toBe(problem);
    expect(() => toIqn(name)).toThrow(problem);
  });

  test('is told with small letters, as the tools make them without a word', () => {
    expect(toIqn('iqn.2024-01.lab.bench:DISK9')).toBe('iqn.2024-01.lab.bench:disk9');
  });
});
