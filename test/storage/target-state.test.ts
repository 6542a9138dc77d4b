import { describe, expect, test } from 'vitest';
import { parseTargetState, readTarget } from '../../src/storage/target-state.ts';
import { entryOf, readCaptured } from '../mock-tools/captured.ts';

const captured = entryOf(readCaptured('lio-saveconfig.txt'), 'saved configuration').stdout;

describe("the target's configuration", () => {
  test('is read from what the real tools wrote', () => {
    const { backstores, targets } = parseTargetState(captured);
    expect(backstores).toEqual([
      {
        plugin: 'fileio',
        name: 'disk1',
        path: '/srv/disk1.img',
        sizeBytes: 64 * 1024 ** 2,
        serial: 'e5ca3a28-372c-44c1-8782-e049342acab9',
      },
    ]);
    const [target] = targets;
    expect(target).toMatchObject({
      name: 'iqn.2024-01.lab.bench:disk1',
      isEnabled: true,
      attributes: { authentication: 1, generate_node_acls: 0 },
      luns: [{ number: 1, backstore: 'fileio/disk1' }],
      portals: [
        { address: '10.99.0.1', port: 3260 },
        { address: '10.77.0.12', port: 3260 },
      ],
    });
    expect(target?.acls.map(({ initiator, chap }) => [initiator, chap?.user, chap?.password.reveal()])).toEqual([
      ['iqn.2024-01.lab.bench:xenb', 'xenb', 'short'],
      ['iqn.2024-01.lab.bench:xena', 'xena', 'secretsecret1'],
    ]);
    expect(target?.acls[0]?.luns).toEqual([{ number: 1, targetLun: 1, isReadOnly: false }]);
  });

  test('hides passwords from whoever prints it', () => {
    expect(JSON.stringify(parseTargetState(captured))).not.toContain('secretsecret1');
  });

  test('is empty where nothing was ever configured', () => {
    expect(parseTargetState('{"fabric_modules": [], "storage_objects": [], "targets": []}')).toEqual({
      backstores: [],
      targets: [],
    });
  });

  test.each([
    ['cut off', captured.slice(0, 4000)],
    ['another document', '{"hello": []}'],
    ['a LUN without a number', captured.replace(/"index": 1,\n\s+"storage_object"/, '"storage_object"')],
    ['a port in words', captured.replace('"port": 3260', '"port": "iscsi"')],
    ['nothing', ''],
  ])('is refused when it is %s', (_, text) => {
    expect(() => parseTargetState(text)).toThrow("the target's configuration cannot be read");
  });

  test('cannot be asked for where the tools are missing', () => {
    const answer = { kind: 'command', code: 127, stdout: '', stderr: 'sh: targetctl: not found' } as const;
    expect(() => readTarget(answer)).toThrow('targetctl is not on this host');
    expect(() => readTarget({ ...answer, code: 1, stderr: 'x\nno configfs' })).toThrow('exit code 1: ');
  });
});
