import { expect, it } from 'vitest';
import { toLabError } from '../../src/lab/engine.ts';

it.each([
  ['Bind for 127.0.0.1:22101 failed: port is already allocated', 'E_LAB_PORT'],
  ['listen tcp4 127.0.0.1:22101: bind: address already in use', 'E_LAB_PORT'],
  ['Pool overlaps with other one on this address space', 'E_LAB_SUBNET'],
  ['Failed to create control group inotify object: Too many open files', 'E_LAB_INOTIFY'],
  ['runc create failed: unable to apply caps: operation not permitted', 'E_LAB_RIGHTS'],
  ['no space left on device', 'E_LAB'],
])('"%s" is %s, with the words of the engine kept', (said, code) => {
  const error = toLabError('xen1', said);
  expect(error.code).toBe(code);
  expect(error.message).toContain('xen1: ');
  expect(error.message).toContain(said);
  expect(error.hint === undefined).toBe(code === 'E_LAB');
});
