import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { defineAction } from '../../src/contract/module.ts';
import { isRunning, recorder } from './doubles.ts';
import { fakeClock, play, run, runTasks } from './harness.ts';

describe('become', () => {
  async function privilegesOf(tasks: string, keywords = '', become = false) {
    const { sent, session } = recorder();
    await runTasks(tasks, {
      keywords,
      session,
      engine: {
        privilegeOf: () => ({ login: 'alice', become, becomeUser: 'root', sudo: (user) => ({ kind: 'sudo', user }) }),
      },
    });
    return sent.map(({ options: { privilege } }) => (privilege.kind === 'sudo' ? privilege.user : 'login'));
  }

  test('is off where nobody asks for it', async () => {
    expect(await privilegesOf('- command: id')).toEqual(['login']);
  });

  test('of a play, a block or a task counts by nearness', async () => {
    const tasks = `
      - command: id
      - become_user: bob
        block:
          - command: id
          - { command: id, become_user: carol }
          - { command: id, become: false }
    `;
    expect(await privilegesOf(tasks, 'become: true')).toEqual(['root', 'bob', 'carol', 'login']);
  });

  test('of a host counts where the play says nothing', async () => {
    expect(await privilegesOf('- command: id\n- { command: id, become: false }', '', true)).toEqual(['root', 'login']);
  });

  test('to the user who is logged in needs no sudo', async () => {
    expect(await privilegesOf('- { command: id, become: true, become_user: "{{item}}", loop: [alice, root] }')).toEqual(
      ['login', 'root'],
    );
  });

  test('that is no truth value fails at its place', async () => {
    const ran = await runTasks('- name: one\n  command: id\n  become: "{{word}}"', {
      engine: { extraVars: { word: 'perhaps' } },
    });
    expect(ran.outcome('one')).toMatchObject({
      failure: { code: 'E_WRONG_VALUE', message: 'expected true or false, got "perhaps"', at: { line: 6 } },
    });
  });
});

test('environment reaches every command, of blocks and tasks together', async () => {
  const ran = await runTasks(
    `
    - environment: { ONE: block, TWO: block }
      block:
        - { name: one, shell: 'echo $ZERO $ONE $TWO', environment: { TWO: "{{1}}" }, register: said }
        - { name: show, debug: { msg: "{{said.stdout}}" } }
    `,
    { keywords: 'environment: { ZERO: play, ONE: play }' },
  );
  expect(ran.notes('show')).toEqual(['play block 1']);
});

test('an environment variable that is no text fails the task at its place', async () => {
  const ran = await runTasks('- name: one\n  command: "true"\n  environment: { LIST: "{{many}}" }', {
    engine: { extraVars: { many: [1] } },
  });
  expect(ran.outcome('one')).toMatchObject({
    failure: { code: 'E_WRONG_VALUE', message: 'expected a text as LIST, got [1]', at: { line: 6 } },
  });
});

describe('timeout', () => {
  test('ends a command, its process and its task, and says so', async () => {
    const ran = await runTasks(`
      - { name: one, shell: 'echo $$ >{{dir}}/pid; exec sleep 30', timeout: 0.5 }
      - { name: two, debug: { msg: x } }
    `);
    expect(ran.log).toEqual(['a one: failed']);
    expect(ran.outcome('one')).toMatchObject({
      failure: { code: 'E_TIME_LIMIT', message: expect.stringContaining('500 ms') },
    });
    expect(isRunning(ran.read('pid'))).toBe(false);
  });

  test('leaves the session usable', async () => {
    const ran = await runTasks(`
      - { name: one, command: sleep 30, timeout: 0.1, ignore_errors: true }
      - { name: two, command: "true" }
    `);
    expect(ran.log).toEqual(['a one: failed (ignored)', 'a two: changed']);
  });

  test('ends an action', async () => {
    const ran = await runTasks('- { name: one, pause: { seconds: 30 }, timeout: 0.05 }');
    expect(ran.outcome('one')).toMatchObject({
      failure: {
        code: 'E_TIME_LIMIT',
        message: 'took longer than its limit of 50 ms',
        hint: 'raise the task\'s "timeout"',
      },
    });
  });

  test('is told as such whatever the action makes of its end', async () => {
    const stubborn = defineAction({
      name: 'stubborn',
      summary: 'End with an error of its own when it is told to stop.',
      params: z.strictObject({}),
      example: '{}',
      describe: () => 'be stubborn',
      perform: (_host, _params, signal) =>
        new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('another one')))),
    });
    const ran = await runTasks('- { name: one, stubborn: {}, timeout: 0.05 }', { modules: [stubborn] });
    expect(ran.outcome('one')).toMatchObject({ failure: { code: 'E_TIME_LIMIT' } });
  });

  test('does not touch what is done in time', async () => {
    const ran = await runTasks(
      '- { name: one, command: "true", timeout: 10s }\n- { name: two, pause: { seconds: 0 }, timeout: 1m }',
    );
    expect(ran.log).toEqual(['a one: changed', 'a two: ok']);
  });
});

describe('output', () => {
  test('of a command is told as it comes, with its task and host', async () => {
    const ran = await runTasks('- { name: one, shell: "echo out; echo err >&2" }');
    const pieces = ran.all('taskOutput');
    expect(pieces.map(({ text }) => text).join('')).toMatch(/out\n/);
    expect(pieces[0]).toMatchObject({
      host: 'a',
      task: { name: 'one', module: 'shell' },
    });
  });
});

describe('loop', () => {
  test('of a hundred commands takes one round trip', async () => {
    const ran = await runTasks(
      '- { name: one, command: "echo {{item}}", loop: "{{range 0 100}}", register: all }\n- { name: show, debug: { msg: "{{all.results.[99].stdout}}" } }',
    );
    expect(ran.notes('show')).toEqual(['99']);
    expect(ran.roundTrips()).toBe(1);
  });

  test('of a hundred states takes two round trips, and one where nothing is to be done', async () => {
    const tasks = '- { name: one, file: { path: "{{dir}}/{{item}}", state: directory }, loop: "{{range 0 100}}" }';
    const ran = await runTasks(`${tasks}\n- meta: noop`);
    expect(ran.roundTrips()).toBe(2);
    expect(ran.all('taskItem')).toHaveLength(100);
    const twice = await runTasks(`${tasks}\n${tasks.replace('one', 'two')}`);
    expect(twice.roundTrips()).toBeLessThanOrEqual(3);
    expect(twice.log).toEqual(['a one: changed', 'a two: ok']);
  });

  test('goes on behind an item that failed, and tells which one', async () => {
    const ran = await runTasks('- { name: one, command: "{{item}}", loop: ["true", "false", "true"] }');
    expect(ran.all('taskItem').map(({ label, outcome }) => `${label} ${outcome.status}`)).toEqual([
      'true changed',
      'false failed',
      'true changed',
    ]);
    expect(ran.outcome('one')).toMatchObject({ failure: { message: '1 of 3 items failed; false: exit code 1' } });
  });

  test('has an item fail alone whose parameters are wrong', async () => {
    const ran = await runTasks('- { name: one, command: "echo {{item.x}}", loop: [{ x: 1 }, { y: 2 }] }');
    expect(ran.all('taskItem').map(({ outcome }) => outcome.status)).toEqual(['changed', 'failed']);
  });

  test('names its items as loop_control says', async () => {
    const ran = await runTasks(`
      - name: one
        debug: { msg: "{{number}}{{word}}" }
        loop: [x, y]
        loop_control: { loop_var: word, index_var: number, label: "<{{word}}>" }
    `);
    expect(ran.notes('one')).toEqual(['0x', '1y']);
    expect(ran.all('taskItem').map(({ label }) => label)).toEqual(['<x>', '<y>']);
  });

  test('waits between its items where loop_control says so', async () => {
    const clock = fakeClock();
    await runTasks('- { name: one, command: "true", loop: [1, 2, 3], loop_control: { pause: 2s } }', {
      engine: { clock },
    });
    expect(clock.slept).toEqual([2000, 2000]);
  });

  test('splits into frames where its items want other rights', async () => {
    const { sent, session } = recorder();
    const ran = await runTasks(
      '- { name: one, command: "echo {{item}}", loop: [root, root, bob, root], become: true, become_user: "{{item}}" }',
      { session },
    );
    expect(sent.map(({ options: { privilege } }) => privilege.kind === 'sudo' && privilege.user)).toEqual([
      'root',
      'bob',
      'root',
    ]);
    expect(ran.all('taskItem').map(({ label }) => label)).toEqual(['root', 'root', 'bob', 'root']);
  });

  test('over what is no list fails at its place', async () => {
    const ran = await runTasks('- name: one\n  command: "true"\n  loop: "{{word}}"', {
      engine: { extraVars: { word: 'x' } },
    });
    expect(ran.outcome('one')).toMatchObject({
      failure: { code: 'E_WRONG_VALUE', message: 'loop needs a list, got "x"', at: { line: 6, column: 13 } },
    });
  });
});

test('50 hosts with 20 tasks each keep the heap small', async () => {
  const hosts = Array.from({ length: 50 }, (_, index) => `h${index}`).join('\n');
  const tasks = Array.from(
    { length: 20 },
    (_, index) => `- { name: t${index}, debug: { msg: "{{inventory_hostname}}" }, register: r${index} }`,
  ).join('\n');
  const before = process.memoryUsage().heapUsed;
  const ran = await run({ inventory: hosts, playbook: play(tasks) });
  const grown = (process.memoryUsage().heapUsed - before) / 1024 / 1024;
  expect(ran.log).toHaveLength(1000);
  expect(grown).toBeLessThan(120);
});
