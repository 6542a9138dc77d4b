import { describe, expect, test } from 'vitest';
import { parseSessions, readSessions } from '../../src/storage/sessions.ts';
import { entryOf, readCaptured } from '../mock-tools/captured.ts';

const entries = readCaptured('iscsi-login.txt');
const short = entryOf(entries, 'sessions -P 1').stdout;
const long = entryOf(entries, 'sessions -P 3').stdout;

describe('sessions', () => {
  test('are read from what the real iscsiadm shows, with their disks where it shows them', () => {
    const session = {
      id: 4,
      target: 'iqn.2024-01.lab.bench:disk1',
      portal: { address: '10.77.0.12', port: 3260 },
      initiator: 'iqn.2024-01.lab.bench:xena',
      state: 'LOGGED_IN',
    };
    expect(parseSessions(short)).toEqual([{ ...session, disks: new Map() }]);
    expect(parseSessions(long)).toEqual([{ ...session, disks: new Map([[1, 'sda']]) }]);
  });

  test('tell that the target is gone', () => {
    const { stdout } = entryOf(
      readCaptured('iscsi-down.txt'),
      'target group disabled while logged in: sessions 3 s later',
    );
    const states = stdout.split('\n').slice(1).join('\n');
    const gone = short.replace(/^\t\tiSCSI Connection State[\s\S]*$/m, states);
    expect(parseSessions(gone)[0]?.state).toBe('FAILED');
  });

  test('of one target at two portals are two', () => {
    const portal = short.slice(short.indexOf('\tCurrent Portal'));
    const both = `${short}\n${portal.replaceAll('10.77.0.12', '10.77.0.13').replace('SID: 4', 'SID: 5')}`;
    expect(parseSessions(both).map(({ id, target, portal: { address } }) => [id, target, address])).toEqual([
      [4, 'iqn.2024-01.lab.bench:disk1', '10.77.0.12'],
      [5, 'iqn.2024-01.lab.bench:disk1', '10.77.0.13'],
    ]);
  });

  test.each([
    ['nothing', ''],
    ['the plain list', entryOf(entries, 'sessions').stdout],
    ['a cut answer', short.slice(0, short.indexOf('SID'))],
    ['one without a target', short.replace(/^Target.*\n/, '')],
    ['one with a portal in words', short.replace('Current Portal: 10.77.0.12:3260,1', 'Current Portal: stor')],
  ])('are refused: %s', (_, text) => {
    expect(() => parseSessions(text)).toThrow("iscsiadm's sessions cannot be read");
  });

  test('may be none at all, by exit code 21', () => {
    const { exit, stdout, stderr } = entryOf(entries, 'session list after failed logins');
    expect(readSessions({ kind: 'command', code: exit, stdout, stderr })).toEqual([]);
    expect(() => readSessions({ kind: 'command', code: 127, stdout: '', stderr: 'not found' })).toThrow(
      'exit code 127: not found',
    );
  });
});
