import { describe, expect, test } from 'vitest';
import { readMigrationFailure } from '../../../src/hypervisor/xen/failure.ts';
import { captureOf, capturesOf } from './captured.ts';

const failed = capturesOf('xen-migrate.txt').filter(
  ({ command, exit }) => /xl( -vvv)? migrate/.test(command) && exit === 1,
);

describe('why a migration failed', () => {
  test('of every captured failure, the cause is told and not what follows from it', () => {
    const causes = failed.map(({ note, stderr, exit }) => `${note}: ${readMigrationFailure(stderr, exit).cause}`);
    expect(causes.join('\n')).toMatchInlineSnapshot(`
      "unknown domain: nosuch is an invalid domain identifier (rc=-6)
      host unreachable (no such address on the network): ssh: connect to host 10.77.0.99 port 22: No route to host
      host name does not resolve: ssh: Could not resolve hostname nosuch.invalid: Temporary failure in name resolution
      ssh refused (port closed): ssh: connect to host 10.77.0.11 port 2299: Connection refused
      host key unknown, BatchMode: Host key verification failed.
      the transport is not there: sh: 1: exec: /root/nosuchssh: not found
      the name exists at the destination: Domain with name "g1" already exists.
      the destination has not enough memory: Failed to populate physmap (16 = Device or resource busy): Internal error
      the transport dies at the handover (the permission to start is lost): migration failed during the final handshake: the state of the guest is undefined
      a left-over --incoming at the destination stops the next migration (and wakes the guest that was left suspended here): Domain with name "g1--incoming" already exists.
      the transport dies after 20 MB: the stream to the destination broke off during the transfer
      the disk is missing at the destination (iSCSI not logged in): Disk vdev=xvda failed to stat: /dev/disk/by-path/ip-10.77.0.12:3261-iscsi-iqn.2024-01.lab.bench:disk2-lun-1: No such file or directory
      key not accepted: root@10.77.0.11: Permission denied (publickey,password).
      no xl at the destination: bash: line 1: nosuchxl: command not found
      the destination has the Xen tools but does not run Xen: ERROR:  Can't find hypervisor information in sysfs!
      the permission to start is lost, again: migration failed during the final handshake: the state of the guest is undefined
      the bridge is missing at the destination: script: Could not find bridge device xbr9"
    `);
  });

  test('each of them comes with a hint', () => {
    const without = failed.filter(({ stderr, exit }) => readMigrationFailure(stderr, exit).hint === undefined);
    expect(without.map(({ note }) => note)).toEqual([]);
  });

  test('a command that was ended by SIGTERM says so', () => {
    expect(readMigrationFailure('migration target: Ready to receive domain.\n', 143)).toEqual({
      cause: 'xl migrate was ended by a signal',
    });
    expect(readMigrationFailure('', undefined)).toEqual({ cause: 'xl migrate was ended by a signal' });
  });

  test('an end without any message is told with its exit code', () => {
    expect(readMigrationFailure('', 1)).toEqual({ cause: 'xl migrate ended with exit code 1 and no message' });
  });

  test('debug lines of a verbose run are no cause', () => {
    const { stderr } = captureOf('xen-migrate.txt', 'the bridge is missing at the destination');
    const verbose = `libxl: debug: libxl_event.c:813:cannot: error of nobody\n${stderr}`;
    expect(readMigrationFailure(verbose, 1).cause).toBe('script: Could not find bridge device xbr9');
  });
});
