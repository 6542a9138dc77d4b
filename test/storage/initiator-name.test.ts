import { describe, expect, test } from 'vitest';
import { parseInitiatorName, renderInitiatorName } from '../../src/storage/initiator-name.ts';
import { toIqn } from '../../src/storage/iqn.ts';
import { explainExit } from '../../src/storage/iscsiadm.ts';
import { entryOf, readCaptured } from '../mock-tools/captured.ts';

describe("the initiator's name", () => {
  test('is read from the file of a real host and written as it was', () => {
    const text = `${entryOf(readCaptured('iscsi-discovery.txt'), 'initiator name file').stdout}\n`;
    expect(parseInitiatorName(text)).toBe('iqn.2024-01.lab.bench:xena');
    expect(renderInitiatorName(toIqn('iqn.2024-01.lab.bench:xena'))).toBe(text);
  });

  test.each([
    ['', undefined],
    ['# InitiatorName=iqn.2024-01.lab.bench:no\n', undefined],
    ['InitiatorName=\n', undefined],
    ['## made\nInitiatorName = iqn.2024-01.lab.bench:Spaced\n', 'iqn.2024-01.lab.bench:spaced'],
  ])('in %j is %s', (text, name) => {
    expect(parseInitiatorName(text)).toBe(name);
  });
});

describe('an exit code of iscsiadm', () => {
  test.each(['iscsi-discovery.txt', 'iscsi-login.txt', 'iscsi-down.txt'])('that %s shows is explained', (file) => {
    const codes = readCaptured(file).flatMap(({ command, exit }) => (/^iscsiadm [^;|&]*$/.test(command) ? [exit] : []));
    expect(codes.length).toBeGreaterThan(5);
    for (const code of codes) expect(explainExit(code).meaning).not.toContain('exit code');
  });

  test('that nobody has seen is named by its number', () => {
    expect(explainExit(77)).toEqual({ meaning: 'iscsiadm ended with exit code 77' });
  });
});
