import { describe, expect, test } from 'vitest';
import { play, run, runTasks, type TasksSetup } from './harness.ts';

const check = (tasks: string, more: TasksSetup = {}) =>
  runTasks(tasks, { ...more, engine: { mode: 'check', ...more.engine } });

describe('a check', () => {
  test('says what would change and changes nothing', async () => {
    const ran = await check('- { name: one, copy: { dest: "{{dir}}/x", content: hello } }');
    expect(ran.outcome('one')).toMatchObject({ status: 'changed', changes: [{ what: expect.stringContaining('/x') }] });
    expect(ran.read('x')).toBeUndefined();
    expect(ran.events[0]).toMatchObject({ mode: 'check' });
  });

  test('shows a command and an action as what it would do', async () => {
    const ran = await check('- { name: one, command: "touch {{dir}}/x" }\n- { name: two, wait_for: { path: /none } }');
    expect(ran.outcome('one')).toMatchObject({
      status: 'changed',
      changes: [{ what: expect.stringMatching(/^would run touch/) }],
    });
    expect(ran.outcome('two')).toMatchObject({
      status: 'changed',
      changes: [{ what: 'would wait until /none is there' }],
    });
    expect(ran.read('x')).toBeUndefined();
  });

  test('asks a command that would not run for what spares it', async () => {
    const ran = await check(
      '- { name: one, command: { cmd: "false", creates: / } }\n- { name: two, command: { cmd: "false", removes: /none } }',
    );
    expect(ran.log).toEqual(['a one: ok', 'a two: ok']);
  });

  test('is ok where everything is as it should be', async () => {
    const ran = await check(
      '- { name: one, file: { path: "{{dir}}", state: directory } }\n- { name: two, debug: { msg: x } }\n- { name: three, stat: { path: / } }',
    );
    expect(ran.log).toEqual(['a one: ok', 'a two: ok', 'a three: ok']);
  });

  test('fails where no change was foretold before', async () => {
    const ran = await check('- { name: one, assert: { that: 1 == 2 } }');
    expect(ran.log).toEqual(['a one: failed']);
    expect(ran.result.status).toBe('failed');
  });

  test('runs the handlers that would run, as predictions', async () => {
    const ran = await run({
      inventory: 'a\n',
      playbook: `
- hosts: all
  gather_facts: false
  tasks: [{ name: one, command: "true", notify: go }]
  handlers: [{ name: go, command: "touch {{dir}}/x" }]
`,
      engine: { mode: 'check' },
    });
    expect(ran.log).toEqual(['a one: changed', 'a go: changed']);
    expect(ran.read('x')).toBeUndefined();
  });

  test('does not wait for what a change would have to bring about', async () => {
    const ran = await check(
      '- { name: one, stat: { path: "{{dir}}/x" }, register: it, until: it.stat.exists, retries: 100 }',
    );
    expect(ran.outcome('one')).toEqual({ status: 'unknown', reason: 'would wait until it.stat.exists' });
  });

  test('that would have to wait for something knows nothing of what comes after it', async () => {
    const ran = await check(`
      - { name: one, stat: { path: "{{dir}}/x" }, register: it, until: it.stat.exists }
      - { name: two, assert: { that: 1 == 2 } }
    `);
    expect(ran.log).toEqual(['a one: unknown', 'a two: unknown']);
  });
});

describe('after a change that was only foretold', () => {
  const FIRST = '- { name: first, command: "touch {{dir}}/x", register: it }\n';

  test('a condition on what the command would have said is not known', async () => {
    const ran = await check(
      `${FIRST}- { name: one, command: "true", when: it.stdout == "x" }\n- { name: two, debug: { msg: x }, when: it.changed }`,
    );
    expect(ran.log).toEqual(['a first: changed', 'a one: unknown', 'a two: ok']);
  });

  test('a template of what the command would have said is not known', async () => {
    const ran = await check(
      `${FIRST}- { name: one, debug: { msg: "{{it.stdout}}" } }\n- { name: two, debug: { msg: x }, loop: "{{it.stdout_lines}}" }`,
    );
    expect(ran.log).toEqual(['a first: changed', 'a one: unknown', 'a two: unknown']);
  });

  test('what depends on something unknown is not known either, never skipped', async () => {
    const ran = await check(
      `${FIRST}- { name: one, command: "echo {{it.stdout}}", register: next }\n- { name: two, debug: { msg: x }, when: next.changed }`,
    );
    expect(ran.log).toEqual(['a first: changed', 'a one: unknown', 'a two: unknown']);
  });

  test('a failure is not known to be one', async () => {
    const ran = await check(
      `${FIRST}- { name: one, assert: { that: 1 == 2 } }\n- { name: two, stat: { path: "{{dir}}/x" }, register: s, failed_when: '!s.stat.exists' }`,
    );
    expect(ran.log).toEqual(['a first: changed', 'a one: unknown', 'a two: unknown']);
    expect(ran.result.status).toBe('done');
  });

  test('a task that looks at what would have changed is not known to be ok', async () => {
    const ran = await check(`
      - { name: first, copy: { dest: "{{dir}}/x", content: hello } }
      - { name: one, stat: { path: "{{dir}}/x" } }
      - { name: two, stat: { path: "{{dir}}/y" } }
      - { name: three, copy: { dest: "{{dir}}/y", content: hello } }
    `);
    expect(ran.log).toEqual(['a first: changed', 'a one: unknown', 'a two: ok', 'a three: changed']);
  });

  test('a task below a folder that would be gone is not known to be ok', async () => {
    const ran = await check(`
      - { name: make, file: { path: "{{dir}}/d/e", state: directory }, check_mode: false }
      - { name: first, file: { path: "{{dir}}/d", state: absent } }
      - { name: one, file: { path: "{{dir}}/d/e", state: directory } }
    `);
    expect(ran.log).toEqual(['a make: changed', 'a first: changed', 'a one: unknown']);
  });

  test('a command that something foretold would spare is not known to be spared', async () => {
    const ran = await check(`
      - { name: make, command: "touch {{dir}}/x", check_mode: false }
      - { name: first, file: { path: "{{dir}}/x", state: absent } }
      - { name: one, command: { cmd: "true", creates: "{{dir}}/x" } }
    `);
    expect(ran.log).toEqual(['a make: changed', 'a first: changed', 'a one: unknown']);
  });

  test('one item of a loop counts for those behind it', async () => {
    const ran = await check(`
      - name: one
        lineinfile: { path: "{{dir}}/x", line: "{{item}}", create: true }
        loop: [x, y]
      - { name: two, assert: { that: item == 2 }, loop: [1, 2] }
    `);
    expect(ran.log).toEqual(['a one: changed', 'a two: unknown']);
  });

  test('an include and a meta whose conditions cannot be known are passed over', async () => {
    const ran = await run({
      inventory: 'a\n',
      playbook: {
        'site.yml': play(
          `${FIRST}- { include_tasks: inner.yml, when: it.stdout == "x" }\n- { meta: end_host, when: it.stdout == "x" }\n- { name: one, debug: { msg: x } }`,
        ),
        'inner.yml': '- { name: inner, debug: { msg: x } }\n',
      },
      engine: { mode: 'check' },
    });
    expect(ran.log).toEqual(['a first: changed', 'a inner.yml: unknown', 'a meta: end_host: unknown', 'a one: ok']);
  });

  test('a later play knows of it on every host, the same play on the other hosts does not', async () => {
    const one = play('- { name: first, command: "true" }').replace('all', 'a');
    const two = play('- { name: one, assert: { that: 1 == 2 } }').replace('all', 'b');
    const ran = await run({ playbook: one + two, engine: { mode: 'check' } });
    expect(ran.log).toEqual(['a first: changed', 'b one: unknown']);
    const together = await run({
      playbook: play(
        '- { name: first, command: "true", when: inventory_hostname == "a" }\n- { name: one, assert: { that: 1 == 2 } }',
        'strategy: linear',
      ),
      engine: { mode: 'check' },
    });
    expect(together.outcome('one', 'b').status).toBe('failed');
  });

  test('the host that a task is delegated to knows of it', async () => {
    const ran = await run({
      playbook:
        play('- { name: first, copy: { dest: /tmp/none/x, content: x }, delegate_to: b }').replace('all', 'a') +
        play('- { name: one, stat: { path: /tmp/none/x } }').replace('all', 'b'),
      engine: { mode: 'check' },
    });
    expect(ran.log).toEqual(['a first: changed', 'b one: unknown']);
  });
});

describe('changed_when in a check', () => {
  test('makes a command that would count as unchanged unknown: nobody knows what it would say', async () => {
    const ran = await check(
      '- { name: one, command: "true", changed_when: false, register: it }\n- { name: two, assert: { that: it.rc == 0 } }',
    );
    expect(ran.outcome('one')).toEqual({ status: 'unknown', reason: 'would run true' });
    expect(ran.outcome('two').status).toBe('unknown');
  });

  test('that needs the answer is not known, one that does not is obeyed', async () => {
    const ran = await check(
      '- { name: one, command: "true", changed_when: it.stdout == "x", register: it }\n- { name: two, command: "true", changed_when: true }',
    );
    expect(ran.log).toEqual(['a one: unknown', 'a two: changed']);
  });
});

describe('check_mode', () => {
  test('false acts in a check too', async () => {
    const ran = await check(
      '- { name: one, command: "touch {{dir}}/x", check_mode: false, register: it }\n- { name: two, assert: { that: it.rc == 1 } }',
    );
    expect(ran.read('x')).toBe('');
    expect(ran.log).toEqual(['a one: changed', 'a two: failed']);
  });

  test('true only foretells in a run that acts', async () => {
    const ran = await runTasks(`
      - { name: one, command: "touch {{dir}}/x", check_mode: true, register: it }
      - { name: two, copy: { dest: "{{dir}}/y", content: x } }
      - { name: three, debug: { msg: "{{it.stdout}}" } }
    `);
    expect(ran.read('x')).toBeUndefined();
    expect(ran.read('y')).toBe('x');
    expect(ran.log).toEqual(['a one: changed', 'a two: changed', 'a three: failed']);
  });
});
