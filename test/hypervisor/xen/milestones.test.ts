import { expect, test } from 'vitest';
import { MILESTONES } from '../../../src/contract/hypervisor.ts';
import { XEN_MILESTONES } from '../../../src/hypervisor/xen/milestones.ts';
import { captureOf } from './captured.ts';

test('every milestone has its text, in the order of the contract', () => {
  expect(XEN_MILESTONES.map(({ name }) => name)).toEqual([...MILESTONES]);
});

test('a verbose migration that was captured holds them all, though lines of both ends broke into each other', () => {
  const { timeline } = captureOf('xen-migrate.txt', 'good, xl -vvv migrate, both lists watched');
  const missing = XEN_MILESTONES.filter(({ text }) => !timeline.includes(text));
  expect(missing).toEqual([]);
  expect(timeline).toContain('libxl: migration sender: Target reports successful startup.');
});

test('a plain migration holds all but those of the suspension', () => {
  const { stderr } = captureOf('xen-migrate.txt', 'good, plain');
  const missing = XEN_MILESTONES.filter(({ text }) => !stderr.includes(text)).map(({ name }) => name);
  expect(missing).toEqual(['suspendRequested', 'suspending', 'suspended']);
});
