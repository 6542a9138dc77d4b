import { describe, expect, test } from 'vitest';
import { toIqn } from '../../src/storage/iqn.ts';
import { byPathName, parsePortal } from '../../src/storage/portal.ts';
import { entryOf, readCaptured } from '../mock-tools/captured.ts';

describe('a portal', () => {
  test('has port 3260 where none is written', () => {
    expect(parsePortal('10.77.0.12')).toEqual({ address: '10.77.0.12', port: 3260 });
    expect(parsePortal('10.77.0.12:3261')).toEqual({ address: '10.77.0.12', port: 3261 });
  });

  test.each([
    '',
    'stor1',
    '10.77.0',
    '10.77.0.256',
    '10.77.0.12:',
    '10.77.0.12:0',
    '10.77.0.12:65536',
    '10.77.0.12:3260,1',
  ])('"%s" is none', (text) => {
    expect(() => parsePortal(text)).toThrow('is no portal');
  });
});

describe('the name of a disk', () => {
  test('is the one that udev gave on a real host', () => {
    const listing = entryOf(readCaptured('iscsi-login.txt'), 'by-path').stdout;
    const name = byPathName(parsePortal('10.77.0.12'), toIqn('iqn.2024-01.lab.bench:disk1'), 1);
    expect(listing).toContain(` ${name.replace('/dev/disk/by-path/', '')} -> `);
  });

  test.each([-1, 1.5, 256])('is not made for LUN %d', (lun) => {
    expect(() => byPathName(parsePortal('10.0.0.1'), toIqn('iqn.2024-01.lab.bench:disk1'), lun)).toThrow(
      'out of range',
    );
  });
});
