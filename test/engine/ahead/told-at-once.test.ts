import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { InterruptedError } from '../../../src/core/errors.ts';
import { runTasks } from '../harness.ts';

const folder = mkdtempSync(join(tmpdir(), 'bench-ahead-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a task is told when its own steps are done, while what was sent behind it still runs', async () => {
  const go = join(folder, 'go');
  const ran = await runTasks(
    `
      - { name: one, command: echo first, register: first }
      - { name: two, shell: 'until [ -e ${go} ]; do sleep 0.02; done' }
      - { name: three, command: echo third }
    `,
    {
      onEvent(event) {
        if (event.type === 'taskFinished' && event.task.name === 'one') writeFileSync(go, '');
      },
    },
  );
  expect(ran.log).toEqual(['a one: changed', 'a two: changed', 'a three: changed']);
  expect(ran.roundTrips()).toBe(1);
});

test('what was done before an interruption is told, and what it met is undone', async () => {
  const controller = new AbortController();
  const ran = await runTasks(
    `
      - { name: one, command: echo first }
      - { name: two, command: echo second }
      - { name: three, shell: 'touch {{dir}}/begun; exec sleep 30' }
      - { name: four, shell: 'touch {{dir}}/four' }
    `,
    {
      engine: { signal: controller.signal },
      onEvent(event) {
        if (event.type === 'taskStarted' && event.task.name === 'three') controller.abort(new InterruptedError());
      },
    },
  );
  expect(ran.log).toEqual(['a one: changed', 'a two: changed']);
  expect(ran.result).toMatchObject({ status: 'interrupted', undone: ['a: three'] });
  expect(ran.read('four')).toBeUndefined();
});

test('a connection that a task loses is that task’s, not one’s in front of it', async () => {
  const ran = await runTasks(`
    - { name: one, command: echo first }
    - { name: two, shell: 'kill -9 $PPID; kill -9 $(ps -o ppid= -p $PPID)' }
    - { name: three, shell: 'touch {{dir}}/three' }
  `);
  expect(ran.outcome('one')).toMatchObject({ status: 'changed' });
  expect(ran.outcome('two').status).toMatch(/unreachable|failed/);
  expect(ran.read('three')).toBeUndefined();
});

test('a question that cannot be answered is the matter of its own task', async () => {
  const big = join(folder, 'big');
  const ran = await runTasks(`
    - { name: one, file: { path: '{{dir}}/one', state: directory } }
    - { name: two, shell: 'truncate -s 80M ${big}' }
    - { name: three, file: { path: '{{dir}}/three', state: directory } }
    - { name: four, lineinfile: { path: ${big}, line: x } }
  `);
  expect(ran.log).toEqual(['a one: changed', 'a two: changed', 'a three: changed', 'a four: failed']);
});

test('what a task writes before its turn is told in its turn, under its name', async () => {
  const ran = await runTasks(`
    - { name: one, command: echo first }
    - { name: 'two {{inventory_hostname}}', command: echo second }
  `);
  const told = ran.events.flatMap((event) =>
    event.type === 'taskStarted' || event.type === 'taskOutput' ? [`${event.type} ${event.task.name}`] : [],
  );
  expect(told).toEqual(['taskStarted one', 'taskOutput one', 'taskStarted two a', 'taskOutput two a']);
});
