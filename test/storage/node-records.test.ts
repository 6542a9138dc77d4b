import { describe, expect, test } from 'vitest';
import { parseNodeRecords, readNodeRecords } from '../../src/storage/node-records.ts';
import { entryOf, readCaptured } from '../mock-tools/captured.ts';

/** The captured record was cut after its first part; what followed is put back in short. */
const cut = entryOf(readCaptured('iscsi-discovery.txt'), 'node record in full').stdout.replace(/\n\[\.\.\.\].*$/, '');
const record = `${cut}\nnode.conn[0].iscsi.HeaderDigest = None\n# END RECORD\n`;
const withChap = record
  .replace('auth.authmethod = None', 'auth.authmethod = CHAP')
  .replace('auth.username = <empty>', 'auth.username = xena')
  .replace('auth.password = <empty>', 'auth.password = secretsecret1');

describe('node records', () => {
  test('are read from what the real iscsiadm shows', () => {
    const [read, ...more] = parseNodeRecords(record);
    expect(more).toEqual([]);
    expect(read).toMatchObject({
      target: 'iqn.2024-01.lab.bench:disk1',
      portal: { address: '10.77.0.12', port: 3260 },
      group: 1,
      chap: undefined,
    });
    expect(read?.fields.get('node.startup')).toBe('manual');
    expect(read?.fields.has('iface.hwaddress')).toBe(false);
  });

  test('tell the password apart from the fields, and only where -S shows it', () => {
    const [read] = parseNodeRecords(withChap);
    expect(read?.chap?.password.reveal()).toBe('secretsecret1');
    expect([...(read?.fields.values() ?? [])]).not.toContain('secretsecret1');
    expect(parseNodeRecords(withChap.replace('secretsecret1', '********'))[0]?.chap).toBeUndefined();
  });

  test('come one after the other', () => {
    expect(parseNodeRecords(record + withChap).map(({ chap }) => chap?.user)).toEqual([undefined, 'xena']);
  });

  test.each([
    ['cut off', cut, 'the last record has no end'],
    ['one inside another', `${cut}\n${record}`, 'a record begins inside another'],
    ['an end too many', `${record}# END RECORD\n`, 'a record ends that has not begun'],
    ['something else', 'iscsiadm version 2.1.8\n', '"iscsiadm version 2.1.8" is no field of a record'],
    [
      'a record without an address',
      record.replace(/node\.conn\[0\]\.address = .*/, ''),
      'lacks its name, address, port or group',
    ],
    [
      'a record with a port in words',
      record.replace('node.conn[0].port = 3260', 'node.conn[0].port = iscsi'),
      'lacks its name',
    ],
  ])('are refused: %s', (_, text, reason) => {
    expect(() => parseNodeRecords(text)).toThrow(reason);
  });

  test('may be none at all, by exit code 21', () => {
    const { exit, stdout, stderr } = entryOf(readCaptured('iscsi-discovery.txt'), 'node records, none ever made');
    expect(readNodeRecords({ kind: 'command', code: exit, stdout, stderr })).toEqual([]);
    expect(() => readNodeRecords({ kind: 'command', code: 6, stdout: '', stderr: 'no permission' })).toThrow(
      'exit code 6: no permission',
    );
  });
});
