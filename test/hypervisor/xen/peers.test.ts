import { expect, test } from 'vitest';
import { readWhereabouts, whereaboutsProbe } from '../../../src/hypervisor/xen/peers.ts';
import { captureOf } from './captured.ts';

const own = captureOf('xen-host.txt', 'xl list, no guest').stdout;
const incoming = captureOf(
  'xen-migrate.txt',
  'the transport dies at the handover: list at the destination after',
).stdout;
const answer = (stdout: string, code = 0) => ({ kind: 'command', code, stdout, stderr: '' }) as const;

test('the host and each peer are asked in one question, without the guest in its text', () => {
  expect(whereaboutsProbe('g1', ['xen2', 'xen3']).argv.slice(3)).toEqual(['sh', 'g1', 'xen2', 'xen3']);
});

test('every list is read, and a peer that gave none is told with its last word', () => {
  const stdout = `== \n${own}== xen2\nWarning: Permanently added the key.\n${incoming}== xen3\nHost key verification failed.\n== xen4\n`;
  expect(readWhereabouts(answer(stdout))).toMatchObject({
    here: [],
    peers: [{ peer: 'xen2', guests: [{ name: 'g1--incoming', run: 'paused' }] }],
    silent: [
      { peer: 'xen3', reason: 'Host key verification failed.' },
      { peer: 'xen4', reason: 'no answer' },
    ],
  });
});

test('a host without Xen has no list to give', () => {
  expect(readWhereabouts(answer('== \n', 1))).toBeUndefined();
});
