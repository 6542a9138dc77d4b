import { describe, expect, test } from 'vitest';
import { leftoverOf, parseGuestList, readGuestList } from '../../../src/hypervisor/xen/guest-list.ts';
import { answerOf, captureOf, capturesOf } from './captured.ts';

const heading = 'Name                                        ID   Mem VCPUs\tState\tTime(s)\n';

describe('xl list', () => {
  test('every plain list that was captured is read, without Domain-0', () => {
    const lists = ['xen-host.txt', 'xen-create.txt', 'xen-guest.txt', 'xen-migrate.txt']
      .flatMap((file) => capturesOf(file))
      .filter(({ command, exit }) => /^xl list( -v| --cpupool| g1)?$/.test(command) && exit === 0);
    expect(lists.length).toBeGreaterThan(15);
    for (const { stdout } of lists) {
      for (const guest of parseGuestList(stdout))
        expect(guest).toMatchObject({ name: /^g1/, vcpus: expect.any(Number) });
    }
  });

  test('a guest that waits for work has no letter at all and runs', () => {
    expect(parseGuestList(captureOf('xen-create.txt', 'list right after').stdout)).toEqual([
      { name: 'g1', id: 1, memoryMib: 128, vcpus: 1, cpuS: 2.1, run: 'running' },
    ]);
  });

  test('what a lost handshake leaves at the source is suspended and belongs to its guest', () => {
    const { stdout } = captureOf('xen-migrate.txt', 'the transport dies at the handover: list at the source after');
    expect(parseGuestList(stdout)).toMatchObject([
      { name: 'g1--migratedaway', run: 'suspended', leftover: { of: 'g1', side: 'source' } },
    ]);
  });

  test('what it leaves at the destination is paused', () => {
    const { stdout } = captureOf(
      'xen-migrate.txt',
      'the transport dies at the handover: list at the destination after',
    );
    expect(parseGuestList(stdout)).toMatchObject([
      { name: 'g1--incoming', run: 'paused', leftover: { of: 'g1', side: 'destination' } },
    ]);
  });

  test.each([
    ['r-----', 'running'],
    ['-b----', 'running'],
    ['------', 'running'],
    ['--p---', 'paused'],
    ['---ss-', 'suspended'],
    ['--ps--', 'shutdown'],
    ['--psr-', 'rebooting'],
    ['---sc-', 'crashed'],
    ['---sw-', 'crashed'],
    ['--ps-d', 'dying'],
  ])('state %s is %s', (state, run) => {
    expect(parseGuestList(`${heading}g1    5   128     1     ${state}      24.8\n`)).toMatchObject([{ run }]);
  });

  test('a domain that is being destroyed has the name (null)', () => {
    expect(parseGuestList(`${heading}(null)       30    71     1     --p---       0.0\n`)).toMatchObject([
      { name: '(null)', id: 30 },
    ]);
  });

  test('a list of nobody but Domain-0 is empty', () => {
    expect(parseGuestList(captureOf('xen-host.txt', 'xl list, no guest').stdout)).toEqual([]);
  });

  test.each([
    ['nothing', ''],
    ['the usage', captureOf('xen-create.txt', 'list of one known and one unknown').stdout],
    ['a row without its state', `${heading}g1    5   128     1   24.8\n`],
    ['a row with a state of five letters', `${heading}g1    5   128     1     -b---      24.8\n`],
    ['a row that was cut', `${heading}g1    5   12`],
  ])('%s is no list', (_, text) => {
    expect(() => parseGuestList(text)).toThrow('no row of its list');
  });

  test('xl without Xen is told with its message and a hint', () => {
    expect(() => readGuestList(answerOf(captureOf('xen-host.txt', 'not root')))).toThrow(
      'xl list ended with exit code 1: [2 lines before these]\ncannot init xl context',
    );
  });

  test('a name that only resembles a left-over is none', () => {
    expect(leftoverOf('g1--incoming')).toEqual({ of: 'g1', side: 'destination' });
    expect(leftoverOf('g1-incoming')).toBeUndefined();
    expect(leftoverOf('--incoming')).toBeUndefined();
  });
});
