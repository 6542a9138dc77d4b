import { describe, expect, test } from 'vitest';
import { toHostName } from '../../src/contract/host.ts';
import type { ResumePoint } from '../../src/engine/options.ts';
import { play, run, runTasks } from './harness.ts';

const task = (name: string, more = '') => `- { name: ${name}, debug: { msg: x }${more} }\n`;

describe('tags', () => {
  const TASKS = `
- { name: plain, debug: { msg: x } }
- { name: red, debug: { msg: x }, tags: red }
- block:
    - { name: blue, debug: { msg: x } }
    - { name: both, debug: { msg: x }, tags: [red] }
  tags: blue
- { name: always, debug: { msg: x }, tags: always }
- { name: never, debug: { msg: x }, tags: [never, rare] }
`;
  const chosen = async (engine: object) =>
    (await runTasks(TASKS, { engine })).log.map((line) => line.replace(/^a (\w+): ok$/, '$1'));

  test('choose the tasks that run', async () => {
    expect(await chosen({})).toEqual(['plain', 'red', 'blue', 'both', 'always']);
    expect(await chosen({ tags: ['red'] })).toEqual(['red', 'both', 'always']);
    expect(await chosen({ tags: ['blue'], skipTags: ['red', 'always'] })).toEqual(['blue']);
    expect(await chosen({ tags: ['rare'] })).toEqual(['always', 'never']);
    expect(await chosen({ skipTags: ['red'] })).toEqual(['plain', 'blue', 'always']);
  });

  test('choose meta entries too', async () => {
    const ran = await runTasks(`- { meta: end_play, tags: x }\n${task('one')}`, { engine: { skipTags: ['x'] } });
    expect(ran.log).toEqual(['a one: ok']);
  });

  test('are counted before the run', async () => {
    const ran = await runTasks(TASKS, { engine: { tags: ['blue'] } });
    expect(ran.events[0]).toMatchObject({ plays: [{ tasks: 3 }] });
  });
});

describe('starting at a task', () => {
  test('passes over everything before it, on every host, at whatever pace', async () => {
    const ran = await run({
      playbook: play(`
        - { name: slow, command: sleep 0.05, when: inventory_hostname == "a" }
        - { meta: end_host, when: nothing == 1 }
        - { include_tasks: "{{nothing}}.yml" }
        - { name: two, debug: { msg: x } }
        - { name: three, debug: { msg: x } }
      `),
      engine: { startAtTask: 'two' },
    });
    expect(ran.log.toSorted()).toEqual(['a three: ok', 'a two: ok', 'b three: ok', 'b two: ok']);
  });

  test('finds it in a later play, in a block and in an include', async () => {
    const files = {
      'site.yml': `${play(task('one'))}${play('- block: [{ include_tasks: inner.yml }]')}`,
      'inner.yml': task('two') + task('three'),
    };
    const ran = await run({ inventory: 'a\n', playbook: files, engine: { startAtTask: 'three' } });
    expect(ran.log).toEqual(['a three: ok']);
  });

  test('runs the handlers that are notified from there on', async () => {
    const ran = await run({
      inventory: 'a\n',
      playbook: `
- hosts: all
  gather_facts: false
  tasks:
    - { name: one, command: "true", notify: x }
    - { name: two, command: "true", notify: y }
  handlers:
    - { name: x, debug: { msg: x } }
    - { name: y, debug: { msg: x } }
`,
      engine: { startAtTask: 'two' },
    });
    expect(ran.log).toEqual(['a two: changed', 'a y: ok']);
  });

  test('that does not exist is an error before anything runs', async () => {
    const attempt = runTasks(task('install xen'), { engine: { startAtTask: 'instal xen' } });
    await expect(attempt).rejects.toMatchObject({
      diagnostics: [
        {
          code: 'E_UNKNOWN_TASK',
          message: 'there is no task "instal xen" to start at',
          hint: 'did you mean "install xen"?',
        },
      ],
    });
  });
});

test('stepping asks once for each task, in their order, and skips or runs on as told', async () => {
  const asked: string[] = [];
  const ran = await run({
    playbook: play(task('one') + task('two') + task('three') + task('four'), 'strategy: linear'),
    engine: {
      async confirm({ name }) {
        asked.push(name.text);
        return name.text === 'one' ? 'skip' : name.text === 'two' ? 'run' : 'runAll';
      },
    },
  });
  expect(asked).toEqual(['one', 'two', 'three']);
  expect(ran.log.filter((line) => line.startsWith('a'))).toEqual(['a two: ok', 'a three: ok', 'a four: ok']);
});

describe('resuming', () => {
  const point = (done: readonly string[], pending: Readonly<Record<string, readonly string[]>> = {}): ResumePoint => ({
    run: 'r1',
    isDone: (host, { name }) => done.includes(`${host} ${name}`),
    pendingHandlers: new Map(Object.entries(pending).map(([host, names]) => [toHostName(host), names])),
  });

  test('passes over what is done, host by host', async () => {
    const ran = await run({
      playbook: play('- { name: one, command: "true" }\n- { name: two, command: "true" }'),
      engine: { resume: point(['a one', 'a two', 'b one']) },
    });
    expect(ran.log).toEqual(['b two: changed']);
  });

  test('takes what one host did for all as done, whichever comes first now', async () => {
    const ran = await run({
      playbook: play('- { name: one, command: "true", run_once: true }\n- { name: two, command: "true" }'),
      engine: { resume: point(['b one']) },
    });
    expect(ran.log.toSorted()).toEqual(['a two: changed', 'b two: changed']);
  });

  test('does again what leaves variables behind', async () => {
    const ran = await runTasks(
      '- { name: one, command: echo x, register: it }\n- { name: two, set_fact: { y: z } }\n- { name: three, command: "echo {{it.stdout}}{{y}}" }',
      {
        engine: { resume: point(['a one', 'a two']) },
      },
    );
    expect(ran.log).toEqual(['a one: changed', 'a two: ok', 'a three: changed']);
  });

  test('runs the handlers that an earlier run left, in the play that has them', async () => {
    const second = `
- hosts: all
  gather_facts: false
  tasks: [{ name: two, command: "true" }]
  handlers: [{ name: "go {{inventory_hostname}}", debug: { msg: x } }]
`;
    const ran = await run({
      playbook: play(task('one')) + second,
      engine: { resume: point(['a two', 'b two'], { a: ['go a'] }) },
    });
    expect(ran.log.toSorted()).toEqual(['a go a: ok', 'a one: ok', 'b one: ok']);
    expect(ran.result.pendingHandlers).toEqual([]);
  });

  test('keeps them pending where it fails before', async () => {
    const ran = await run({
      inventory: 'a\n',
      playbook: `
- hosts: all
  gather_facts: false
  tasks: [{ name: one, command: "false" }]
- hosts: all
  gather_facts: false
  tasks: [{ name: two, command: "true" }]
  handlers: [{ name: go, debug: { msg: x } }]
`,
      engine: { resume: point([], { a: ['go'] }) },
    });
    expect(ran.result.pendingHandlers).toEqual(['a: go']);
  });
});
