import { describe, expect, test } from 'vitest';
import { run, runTasks } from './harness.ts';

/** A play of one host with handlers; both texts are lists at the margin. */
function withHandlers(tasks: string, handlers: string, keywords = ''): string {
  const indent = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => `    ${line}`)
      .join('\n');
  return `- hosts: all\n  gather_facts: false\n${keywords}  tasks:\n${indent(tasks)}\n  handlers:\n${indent(handlers)}\n`;
}

const CHANGES = 'command: "true"';
const TELLS = 'debug: { msg: x }';

describe('handlers', () => {
  test('run in the order in which the play lists them, once each, after the tasks', async () => {
    const ran = await run({
      inventory: 'a\n',
      playbook: withHandlers(
        `
- { name: one, ${CHANGES}, notify: [second, first] }
- { name: two, ${CHANGES}, notify: second }
- { name: three, ${TELLS} }
`,
        `- { name: first, ${TELLS} }\n- { name: second, ${TELLS} }\n- { name: third, ${TELLS} }`,
      ),
    });
    expect(ran.log).toEqual(['a one: changed', 'a two: changed', 'a three: ok', 'a first: ok', 'a second: ok']);
    expect(ran.all('taskStarted').map(({ task }) => task.role)).toEqual(['task', 'task', 'task', 'handler', 'handler']);
    expect(ran.result.pendingHandlers).toEqual([]);
  });

  test('run after each section, and again where they were notified again', async () => {
    const ran = await run({
      inventory: 'a\n',
      playbook: `
- hosts: all
  gather_facts: false
  pre_tasks: [{ name: before, ${CHANGES}, notify: go }]
  tasks: [{ name: main, ${CHANGES}, notify: go }]
  post_tasks: [{ name: after, ${CHANGES}, notify: go }]
  handlers: [{ name: go, ${TELLS} }]
`,
    });
    expect(ran.log).toEqual(
      ['before', 'go', 'main', 'go', 'after', 'go'].map((name) => `a ${name}: ${name === 'go' ? 'ok' : 'changed'}`),
    );
  });

  test('do not run for a task that changed nothing', async () => {
    const ran = await run({
      inventory: 'a\n',
      playbook: withHandlers(`- { name: one, ${TELLS}, notify: go }`, `- { name: go, ${TELLS} }`),
    });
    expect(ran.log).toEqual(['a one: ok']);
  });

  test('run for all that listens to a topic', async () => {
    const ran = await run({
      inventory: 'a\n',
      playbook: withHandlers(
        `- { name: one, ${CHANGES}, notify: topic }`,
        `- { ${TELLS}, listen: topic }\n- { ${TELLS}, listen: [other, topic] }\n- { name: not, ${TELLS}, listen: other }`,
      ),
    });
    expect(ran.log).toEqual(['a one: changed', 'a debug: ok', 'a debug: ok']);
    expect(ran.all('handlersNotified').map(({ handlers }) => handlers)).toEqual([['debug', 'debug']]);
  });

  test('may notify others, also such as stand before them', async () => {
    const ran = await run({
      inventory: 'a\n',
      playbook: withHandlers(
        `- { name: one, ${CHANGES}, notify: middle }`,
        `- { name: early, ${TELLS} }\n- { name: middle, ${CHANGES}, notify: [late, early] }\n- { name: late, ${TELLS} }`,
      ),
    });
    expect(ran.log).toEqual(['a one: changed', 'a middle: changed', 'a late: ok', 'a early: ok']);
  });

  test('that notify each other run once a flush and come to an end', async () => {
    const ran = await run({
      inventory: 'a\n',
      playbook: withHandlers(
        `- { name: one, ${CHANGES}, notify: x }`,
        `- { name: x, ${CHANGES}, notify: y }\n- { name: y, ${CHANGES}, notify: x }`,
      ),
    });
    expect(ran.log).toEqual(['one', 'x', 'y', 'x', 'y'].map((name) => `a ${name}: changed`));
    expect(ran.result.pendingHandlers).toEqual([]);
  });

  test('with templates in their names answer to the name that a host gives them', async () => {
    const ran = await run({
      inventory: 'a unit=web\n',
      playbook: withHandlers(
        `- name: one\n  command: "true"\n  loop: [web, db]\n  when: item == "web"\n  notify: restart {{item}}`,
        `- { name: "restart {{unit}}", ${TELLS} }`,
      ),
    });
    expect(ran.log).toEqual(['a one: changed', 'a restart web: ok']);
  });

  test('that no name means fail the task that notified, at the name', async () => {
    const ran = await run({
      inventory: 'a unit=web\n',
      playbook: withHandlers(
        `- name: one\n  command: "true"\n  notify: "restart {{unit}}"`,
        `- { name: restart wep, ${TELLS} }`,
      ),
    });
    expect(ran.outcome('one')).toMatchObject({
      status: 'failed',
      failure: { code: 'E_UNKNOWN_HANDLER', at: { line: 6 }, hint: 'did you mean "restart wep"?' },
    });
  });

  test('run at once at meta: flush_handlers', async () => {
    const ran = await run({
      inventory: 'a\n',
      playbook: withHandlers(
        `- { name: one, ${CHANGES}, notify: go }\n- meta: flush_handlers\n- { name: two, ${TELLS} }`,
        `- { name: go, ${TELLS} }`,
      ),
    });
    expect(ran.log).toEqual(['a one: changed', 'a go: ok', 'a two: ok']);
  });

  test('of a host that failed stay pending, those of the others run', async () => {
    const ran = await run({
      playbook: withHandlers(
        `- { name: one, ${CHANGES}, notify: go }\n- { name: two, command: "false", when: inventory_hostname == "a" }`,
        `- { name: go, ${TELLS} }`,
      ),
    });
    expect(ran.log.filter((line) => line.includes('go'))).toEqual(['b go: ok']);
    expect(ran.result.pendingHandlers).toEqual(['a: go']);
  });

  test('that fail stay pending with those behind them', async () => {
    const ran = await run({
      inventory: 'a\n',
      playbook: withHandlers(
        `- { name: one, ${CHANGES}, notify: [x, y, z] }`,
        `- { name: x, ${TELLS} }\n- { name: y, command: "false" }\n- { name: z, ${TELLS} }`,
      ),
    });
    expect(ran.result).toMatchObject({ status: 'failed', pendingHandlers: ['a: y', 'a: z'] });
  });

  test('of one play are not those of the next one that have the same names', async () => {
    const one = withHandlers(`- { name: one, ${CHANGES}, notify: go }\n- meta: end_play`, `- { name: go, ${TELLS} }`);
    const two = withHandlers(`- { name: two, ${TELLS} }`, `- { name: go, ${TELLS} }`);
    const ran = await run({ inventory: 'a\n', playbook: one + two });
    expect(ran.log).toEqual(['a one: changed', 'a two: ok']);
    expect(ran.result).toMatchObject({ status: 'done', pendingHandlers: [] });
  });

  test('of a host that left its play are forgotten', async () => {
    const ran = await run({
      inventory: 'a\n',
      playbook: withHandlers(`- { name: one, ${CHANGES}, notify: go }\n- meta: end_host`, `- { name: go, ${TELLS} }`),
    });
    expect(ran.result).toMatchObject({ status: 'done', pendingHandlers: [] });
  });

  test('are notified by the items of a loop that changed, although another one failed', async () => {
    const ran = await run({
      inventory: 'a\n',
      playbook: withHandlers(
        `- { name: one, command: "{{item}}", loop: ["true", "false"], notify: go }`,
        `- { name: go, ${TELLS} }`,
      ),
    });
    expect(ran.result).toMatchObject({ status: 'failed', pendingHandlers: ['a: go'] });
  });

  test('have conditions, loops and registers as tasks have', async () => {
    const ran = await run({
      inventory: 'a\n',
      playbook: withHandlers(
        `- { name: one, ${CHANGES}, notify: [x, y, z] }`,
        `- { name: x, command: echo hi, register: said }\n- { name: y, debug: { msg: "{{item}}{{said.stdout}}" }, loop: [1, 2] }\n- { name: z, ${TELLS}, when: said.rc == 1 }`,
      ),
    });
    expect(ran.notes('y')).toEqual(['1hi', '2hi']);
    expect(ran.outcome('z').status).toBe('skipped');
  });

  test('of a task in a block are rescued with it when they are flushed there', async () => {
    const ran = await run({
      inventory: 'a\n',
      playbook: withHandlers(
        `
- block:
    - { name: one, ${CHANGES}, notify: go }
    - meta: flush_handlers
  rescue:
    - { name: saved, debug: { msg: "{{ansible_failed_task.name}}" } }
`,
        `- { name: go, command: "false" }`,
      ),
    });
    expect(ran.notes('saved')).toEqual(['go']);
    expect(ran.result.status).toBe('done');
  });
});

describe('meta', () => {
  test('end_host ends the play for the host alone, without a failure', async () => {
    const ran = await runTasks(
      `
      - meta: end_host
        when: inventory_hostname == "a"
      - { name: one, debug: { msg: x } }
      `,
      { inventory: 'a\nb\n' },
    );
    expect(ran.log).toEqual(['b one: ok']);
    expect(ran.result.status).toBe('done');
    expect(ran.all('hostEnded')).toEqual([{ type: 'hostEnded', host: 'a', reason: 'meta: end_host' }]);
  });

  test('end_play ends the play for all, and the next play begins', async () => {
    const ran = await run({
      playbook: `
- hosts: all
  gather_facts: false
  strategy: linear
  serial: 1
  tasks:
    - { name: one, ${TELLS} }
    - meta: end_play
    - { name: two, ${TELLS} }
- hosts: all
  gather_facts: false
  tasks: [{ name: three, ${TELLS} }]
`,
    });
    expect(ran.log).toEqual(['a one: ok', 'a three: ok', 'b three: ok']);
    expect(ran.result.status).toBe('done');
  });

  test('end_play is told once, by the host that came to it first', async () => {
    const ran = await runTasks('- meta: end_play', { inventory: 'a\nb\n', keywords: 'strategy: linear' });
    expect(ran.all('hostEnded').map(({ reason }) => reason)).toEqual(['meta: end_play, for all hosts']);
  });

  test('noop does nothing', async () => {
    const ran = await runTasks('- meta: noop\n- { name: one, debug: { msg: x } }');
    expect(ran.log).toEqual(['a one: ok']);
  });

  test('with a condition that cannot be evaluated fails the host, told as a task', async () => {
    const ran = await runTasks('- meta: end_host\n  when: nothing == 1\n- { name: one, debug: { msg: x } }', {
      inventory: 'a\nb\n',
    });
    expect(ran.log).toEqual(['a meta: end_host: failed', 'b meta: end_host: failed']);
    expect(ran.outcome('meta: end_host')).toMatchObject({ failure: { code: 'E_UNDEFINED_VARIABLE', at: { line: 5 } } });
    expect(ran.result.hosts[0]?.tally.failed).toBe(1);
  });
});
