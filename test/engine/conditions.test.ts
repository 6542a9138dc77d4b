import { describe, expect, test } from 'vitest';
import { fakeClock, runTasks } from './harness.ts';

describe('when', () => {
  test('skips a task and tells which condition is false', async () => {
    const ran = await runTasks(`
      - name: one
        command: touch {{dir}}/x
        when: [1 == 1, 2 == 3]
    `);
    expect(ran.outcome('one')).toEqual({ status: 'skipped', reason: '2 == 3 is false' });
    expect(ran.read('x')).toBeUndefined();
  });

  test('spares what is undefined elsewhere in the task', async () => {
    const ran = await runTasks(`
      - name: one
        command: echo {{nothing}}
        when: defined(nothing)
        become: "{{nothing}}"
        environment: { X: "{{nothing}}" }
        register: kept
      - name: two
        command: echo {{item.x}}
        loop: "{{nothing}}"
        when: defined(nothing)
    `);
    expect(ran.log).toEqual(['a one: skipped', 'a two: skipped']);
  });

  test('is asked for each item of a loop, labels of skipped ones never fail', async () => {
    const ran = await runTasks(`
      - name: one
        command: touch {{dir}}/{{item.name}}
        loop: [{ name: x }, { other: y }]
        loop_control: { label: "{{item.name}}" }
        when: defined(item.name)
    `);
    expect(ran.all('taskItem').map(({ label, outcome }) => `${label} ${outcome.status}`)).toEqual([
      'x changed',
      '{"other":"y"} skipped',
    ]);
  });

  test('of a block stands before those of its tasks', async () => {
    const ran = await runTasks(`
      - when: defined(nothing)
        block:
          - name: one
            command: echo
            when: nothing.inside == 1
    `);
    expect(ran.outcome('one')).toEqual({ status: 'skipped', reason: 'defined(nothing) is false' });
  });

  test('that cannot be evaluated fails the task at its place', async () => {
    const ran = await runTasks('- name: one\n  command: echo\n  when: nothing == 1\n');
    expect(ran.outcome('one')).toMatchObject({
      status: 'failed',
      failure: { code: 'E_UNDEFINED_VARIABLE', at: { file: 'site.yml', line: 6, column: 13 } },
    });
  });
});

describe('changed_when', () => {
  test('says whether a command changed anything, by its own result', async () => {
    const ran = await runTasks(`
      - name: one
        command: echo same
        register: it
        changed_when: it.stdout != "same"
      - name: two
        command: echo new
        register: it
        changed_when: [it.rc == 0, it.stdout == "new"]
    `);
    expect(ran.log).toEqual(['a one: ok', 'a two: changed']);
  });

  test('makes a task that changes nothing count as changed', async () => {
    const ran = await runTasks('- name: one\n  debug: { msg: x }\n  changed_when: true\n');
    expect(ran.outcome('one')).toEqual({ status: 'changed', changes: [{ what: 'debug', before: null, after: null }] });
  });
});

describe('failed_when', () => {
  test('makes a success a failure, at the condition', async () => {
    const ran = await runTasks(`
      - name: one
        command: echo ERROR
        register: it
        failed_when: it.stdout.contains("ERROR")
    `);
    expect(ran.outcome('one')).toMatchObject({
      failure: { code: 'E_FAILED_WHEN', message: 'failed_when holds: it.stdout.contains("ERROR")', at: { line: 8 } },
    });
  });

  test('makes a failure a success', async () => {
    const ran = await runTasks(`
      - name: one
        command: "false"
        register: it
        failed_when: it.rc > 1
      - name: two
        shell: exit 7
        failed_when: false
    `);
    expect(ran.log).toEqual(['a one: changed', 'a two: changed']);
  });

  test('that cannot read the result of what failed leaves the failure as it is', async () => {
    const ran = await runTasks(`
      - name: one
        file: { path: /proc/none/below, state: directory }
        register: it
        failed_when: it.lines == 3
    `);
    expect(ran.outcome('one')).toMatchObject({ status: 'failed', failure: { code: 'E_STEP_FAILED' } });
  });
});

describe('ignore_errors', () => {
  test('goes on after a failure and counts it as ignored', async () => {
    const ran = await runTasks(`
      - name: one
        command: "false"
        ignore_errors: true
      - name: two
        debug: { msg: x }
    `);
    expect(ran.log).toEqual(['a one: failed (ignored)', 'a two: ok']);
    expect(ran.result).toMatchObject({ status: 'done', hosts: [{ tally: { failed: 0, ignored: 1, ok: 1 } }] });
  });

  test('may be decided for each item', async () => {
    const ran = await runTasks(`
      - name: one
        command: "false"
        loop: [true, false]
        ignore_errors: "{{item}}"
    `);
    expect(ran.log).toEqual(['a one: failed']);
    expect(ran.outcome('one')).toMatchObject({ failure: { message: '2 of 2 items failed; false: exit code 1' } });
  });

  test('ignores undefined variables too', async () => {
    const ran = await runTasks(`
      - name: one
        debug: { msg: "{{nothing}}" }
        ignore_errors: true
      - name: two
        debug: { msg: x }
        loop: "{{nothing}}"
        ignore_errors: true
    `);
    expect(ran.log).toEqual(['a one: failed (ignored)', 'a two: failed (ignored)']);
  });
});

describe('until', () => {
  test('does it again until it holds, and waits in between', async () => {
    const clock = fakeClock();
    const ran = await runTasks(
      `
      - name: one
        shell: echo x >>{{dir}}/tries; wc -l <{{dir}}/tries
        register: it
        until: it.stdout == "3"
        retries: 5
        delay: 2
      - name: show
        debug: { msg: "{{it.attempts}}" }
      `,
      { engine: { clock } },
    );
    expect(ran.log).toEqual(['a one: changed', 'a show: ok']);
    expect(clock.slept).toEqual([2000, 2000]);
    expect(ran.all('taskRetried').map(({ attempt, of }) => [attempt, of])).toEqual([
      [1, 6],
      [2, 6],
    ]);
    expect(ran.notes('show')).toEqual(['3']);
  });

  test('gives up after the retries and says what is still false', async () => {
    const clock = fakeClock();
    const ran = await runTasks(
      `
      - name: one
        shell: echo x >>{{dir}}/tries
        until: 1 == 2
        retries: 2
        delay: 10s
      `,
      { engine: { clock } },
    );
    expect(ran.outcome('one')).toMatchObject({
      failure: { code: 'E_UNTIL', message: '1 == 2 is still false after 3 tries', at: { line: 7 } },
    });
    expect(clock.slept).toEqual([10_000, 10_000]);
    expect(ran.read('tries')).toBe('x\nx\nx\n');
  });

  test('waits 5 s, three times, where nothing is said', async () => {
    const clock = fakeClock();
    await runTasks('- command: "false"\n  register: it\n  until: it.rc == 0\n', { engine: { clock } });
    expect(clock.slept).toEqual([5000, 5000, 5000]);
  });

  test('keeps the failure of the last try', async () => {
    const ran = await runTasks(
      `
      - name: one
        shell: echo no >&2; exit 4
        register: it
        until: it.rc == 0
        retries: 1
      `,
      { engine: { clock: fakeClock() } },
    );
    expect(ran.outcome('one')).toMatchObject({ failure: { message: 'exit code 4: no', exitCode: 4 } });
  });

  test('sees what failed_when says of the try', async () => {
    const ran = await runTasks(
      `
      - name: one
        shell: echo x >>{{dir}}/tries; wc -l <{{dir}}/tries
        register: it
        failed_when: it.stdout == "1"
        until: '!it.failed'
      `,
      { engine: { clock: fakeClock() } },
    );
    expect(ran.read('tries')).toBe('x\nx\n');
    expect(ran.outcome('one').status).toBe('changed');
  });

  test('gives up although failed_when says that nothing failed', async () => {
    const ran = await runTasks(
      `
      - name: one
        command: "false"
        register: it
        failed_when: false
        until: it.rc == 0
        retries: 1
        ignore_errors: true
      `,
      { engine: { clock: fakeClock() } },
    );
    expect(ran.log).toEqual(['a one: failed (ignored)']);
  });

  test('tries again where what failed has no result to look at', async () => {
    const clock = fakeClock();
    const ran = await runTasks(
      `
      - name: one
        file: { path: /proc/none/below, state: directory }
        register: it
        until: it.path == "x"
        retries: 1
      `,
      { engine: { clock } },
    );
    expect(clock.slept).toEqual([5000]);
    expect(ran.outcome('one')).toMatchObject({ failure: { code: 'E_STEP_FAILED' } });
  });

  test('is done for each item of a loop', async () => {
    const ran = await runTasks(
      `
      - name: one
        shell: echo {{item}} >>{{dir}}/tries; grep -c {{item}} {{dir}}/tries
        register: it
        until: it.stdout == "2"
        loop: [x, y]
      `,
      { engine: { clock: fakeClock() } },
    );
    expect(ran.read('tries')).toBe('x\nx\ny\ny\n');
  });
});

describe('failures', () => {
  test('of a command tell the command, the code and what it said', async () => {
    const ran = await runTasks('- name: one\n  shell: echo out; echo err >&2; exit 2\n');
    expect(ran.outcome('one')).toMatchObject({
      status: 'failed',
      isIgnored: false,
      failure: {
        code: 'E_COMMAND_FAILED',
        exitCode: 2,
        stdout: 'out',
        stderr: 'err',
        command: 'run echo out; echo err >&2; exit 2',
      },
    });
  });

  test('of a parameter tell its place', async () => {
    const ran = await runTasks('- name: one\n  file:\n    path: "{{dir}}/x"\n    mode: "{{mode}}"\n', {
      engine: { extraVars: { mode: [1] } },
    });
    expect(ran.outcome('one')).toMatchObject({
      failure: { code: 'E_WRONG_PARAMETER', at: { file: 'site.yml', line: 7, column: 15 } },
    });
  });

  test('of a missing file tell the place of its name and where it was looked for', async () => {
    const ran = await runTasks('- name: one\n  copy:\n    src: "{{name}}"\n    dest: "{{dir}}/x"\n', {
      engine: { extraVars: { name: 'none.txt' } },
    });
    expect(ran.outcome('one')).toMatchObject({
      failure: {
        code: 'E_NO_FILE',
        at: { line: 6, column: 14 },
        hint: 'looked for files/none.txt, none.txt, ../files/none.txt',
      },
    });
  });

  test('end the way of the host alone', async () => {
    const ran = await runTasks(
      `
      - name: one
        command: "false"
        when: inventory_hostname == "a"
      - name: two
        debug: { msg: x }
      `,
      { inventory: 'a\nb\n' },
    );
    expect(ran.log.toSorted()).toEqual(['a one: failed', 'b one: skipped', 'b two: ok']);
    expect(ran.result.status).toBe('failed');
  });
});

test('a name with templates is shown as the host sees it, and as it stands where that cannot be', async () => {
  const ran = await runTasks(`
    - name: on {{inventory_hostname}}
      debug: { msg: x }
    - name: with {{item}}
      debug: { msg: x }
      loop: [1]
  `);
  expect(ran.log).toEqual(['a on a: ok', 'a with {{item}}: ok']);
});
