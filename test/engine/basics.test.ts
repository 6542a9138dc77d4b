import { expect, test } from 'vitest';
import { runTasks } from './harness.ts';

test('works', async () => {
  const ran = await runTasks(`
    - name: make
      command: touch {{dir}}/x
  `);
  expect(ran.log).toEqual(['a make: changed']);
  expect(ran.read('x')).toBe('');
});
