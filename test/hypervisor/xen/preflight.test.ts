import { describe, expect, test } from 'vitest';
import type { Answer, PathAnswer } from '../../../src/contract/probe.ts';
import { xen } from '../../../src/hypervisor/xen/driver.ts';
import { answerOf, captureOf } from './captured.ts';

const guest = { name: 'g1', memoryMib: 128, bridge: 'br0', disks: ['/dev/disk/by-path/lun-1'] };
const list = answerOf(captureOf('xen-host.txt', 'xl list, no guest'));
const info = answerOf(captureOf('xen-host.txt', 'xl info'));
const there: PathAnswer = {
  kind: 'path',
  entry: {
    type: 'directory',
    mode: 0o755,
    owner: 'root',
    group: 'root',
    uid: 0,
    gid: 0,
    sizeBytes: 0,
    modifiedS: 0,
    inode: 1,
  },
};
const nothing: PathAnswer = { kind: 'path', entry: undefined };
const reasonsFor = (answers: readonly Answer[], of = guest) => xen.readPreflight(answers, of);

describe('what the destination must have', () => {
  test('a host that has it all gives no reason', () => {
    expect(xen.preflightProbes(guest)).toHaveLength(4);
    expect(reasonsFor([list, info, there, there])).toEqual([]);
  });

  test('all reasons come at once', () => {
    const taken = {
      ...list,
      stdout: `${list.stdout}g1    27    96     1     -b----       2.0\ng1--incoming    31   128     1     --p---       0.0\n`,
    };
    const poor = { ...info, stdout: info.stdout.replace(/ hap /, ' ').replace(/(free_memory +: )\d+/, '$1100') };
    expect(reasonsFor([taken, poor, nothing, nothing])).toEqual([
      'a guest named "g1" is there already (id 27)',
      '"g1--incoming" of an earlier migration is left there (id 31); it would wake what the source keeps',
      'no hardware-assisted paging (virt_caps: pv hvm gnttab-v1 gnttab-v2): a PVH guest cannot be migrated to it',
      '100 MiB of memory are free, 136 MiB are needed',
      'there is no bridge "br0"',
      'the disk /dev/disk/by-path/lun-1 is not there',
    ]);
  });

  test('a host without Xen gives one reason, and the rest is not asked of it', () => {
    const refused = answerOf(captureOf('xen-host.txt', 'not root'));
    expect(reasonsFor([refused, refused, nothing, nothing])).toEqual([
      'xl does not work there: cannot init xl context',
    ]);
  });
});

describe('the way from source to destination', () => {
  const options = { guest: 'g1', destination: 'xen2' };

  test('is tried with the very transport of the migration', () => {
    expect(xen.transportProbe({ ...options, transport: 'ssh -p 2299' }).argv).toEqual([
      'sh',
      '-c',
      'exec ssh -p 2299 "$1" true',
      'sh',
      'xen2',
    ]);
    expect(xen.migrateArgv({ ...options, transport: 'ssh -p 2299' })).toEqual([
      'xl',
      '-vvv',
      'migrate',
      '-s',
      'ssh -p 2299',
      'g1',
      'xen2',
    ]);
    expect(xen.migrateArgv(options)[4]).toContain('BatchMode=yes');
  });

  test('a host key that is not known is told with what to do', () => {
    const answer = { kind: 'command', code: 255, stdout: '', stderr: 'Host key verification failed.\n' } as const;
    expect(xen.readTransport(answer, options)).toBe(
      "the source does not reach xen2: Host key verification failed. (ssh-keyscan the destination into the source's known_hosts (task known_hosts))",
    );
    expect(xen.readTransport({ ...answer, code: 0 }, options)).toBeUndefined();
  });
});
