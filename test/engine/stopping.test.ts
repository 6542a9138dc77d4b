import { describe, expect, test } from 'vitest';
import { InterruptedError } from '../../src/core/errors.ts';
import { isRunning, lostAfter } from './doubles.ts';
import { play, run, runTasks, type TasksSetup } from './harness.ts';

/** A run that is interrupted at the first output of any task. */
async function interrupted(tasks: string, more: TasksSetup = {}, reason: unknown = new InterruptedError()) {
  const controller = new AbortController();
  return runTasks(tasks, {
    ...more,
    engine: { signal: controller.signal, ...more.engine },
    onEvent(event) {
      if (event.type === 'taskOutput') controller.abort(reason);
    },
  });
}

describe('an interrupted run', () => {
  const LONG = "shell: 'echo $$ >{{dir}}/pid; echo go; exec sleep 30'";

  test('ends what runs, begins nothing more and says what is undone', async () => {
    const ran = await interrupted(`
      - block: [{ name: one, ${LONG} }]
        rescue: [{ name: saved, debug: { msg: x } }]
        always: [{ name: last, debug: { msg: x } }]
      - { name: two, debug: { msg: x } }
    `);
    expect(ran.log).toEqual([]);
    expect(ran.result).toMatchObject({ status: 'interrupted', undone: ['a: one'] });
    expect(isRunning(ran.read('pid'))).toBe(false);
    expect(ran.events.at(-1)).toMatchObject({ type: 'runFinished', result: { status: 'interrupted' } });
  });

  test('tells of every host what it was at, and the handlers that did not run', async () => {
    const controller = new AbortController();
    let begun = 0;
    const ran = await runTasks('- { name: one, command: "true", notify: go }\n- { name: two, command: sleep 30 }', {
      inventory: 'a\nb\n',
      keywords: 'strategy: linear\nhandlers: [{ name: go, debug: { msg: x } }]',
      engine: { signal: controller.signal },
      onEvent(event) {
        if (event.type === 'taskStarted' && event.task.name === 'two') begun += 1;
        if (begun === 2) controller.abort(new InterruptedError());
      },
    });
    expect(ran.result.undone).toEqual(['a: two', 'b: two']);
    expect(ran.result.pendingHandlers).toEqual(['a: go', 'b: go']);
  });

  test('begins no later item, no later play and no host that waited for its turn', async () => {
    const ran = await interrupted(
      `- { name: one, shell: "echo go; exec sleep 30", when: inventory_hostname == "a" }
- { name: two, debug: { msg: x } }`,
      { inventory: 'a\nb\n', engine: { forks: 1 } },
    );
    expect(ran.log).toEqual([]);
    expect(ran.all('taskStarted')).toHaveLength(1);
  });

  test('stops between the items of a loop and before an entry that is no task', async () => {
    const controller = new AbortController();
    const stop = () => controller.abort(new InterruptedError());
    const loop = await runTasks('- { name: one, debug: { msg: x }, loop: [1, 2, 3] }', {
      engine: { signal: controller.signal },
      onEvent: (event) => event.type === 'taskItem' && stop(),
    });
    expect(loop.all('taskItem')).toHaveLength(1);
    const second = new AbortController();
    const meta = await runTasks('- { name: one, debug: { msg: x } }\n- meta: end_host', {
      engine: { signal: second.signal },
      onEvent: (event) => event.type === 'taskFinished' && second.abort(new InterruptedError()),
    });
    expect(meta.all('hostEnded')).toEqual([]);
    expect(meta.result.status).toBe('interrupted');
  });

  test('ends an action that waits', async () => {
    const ran = await interrupted('- { name: one, pause: { seconds: 30 } }');
    expect(ran.result).toMatchObject({ status: 'interrupted', undone: ['a: one'] });
  });

  test('ends the wait between two tries', async () => {
    const ran = await interrupted("- { name: one, shell: 'echo go; false', until: 1 == 2, delay: 30 }");
    expect(ran.result.status).toBe('interrupted');
  });

  test('is the same whatever the reason is that the signal was given', async () => {
    const ran = await interrupted('- { name: one, pause: { seconds: 30 } }', {}, undefined);
    expect(ran.result.status).toBe('interrupted');
  });

  test('under linear lets no host hang', async () => {
    const ran = await interrupted(
      `
      - { name: one, ${LONG}, when: inventory_hostname == "a" }
      - { name: two, debug: { msg: x } }
      `,
      { inventory: 'a\nb\n', keywords: 'strategy: linear' },
    );
    expect(ran.log).toEqual(['b one: skipped']);
    expect(ran.result.status).toBe('interrupted');
  });
});

describe('nothing behind a task that fails is done, also where it was known beforehand', () => {
  const BEHIND =
    '- { name: two, command: "touch {{dir}}/x" }\n- { name: three, copy: { dest: "{{dir}}/y", content: y } }';

  test.each([
    ['by its exit code', '- { name: one, command: "false" }'],
    ['by one of its items', '- { name: one, command: "{{item}}", loop: ["true", "false"] }'],
    ['by a step', '- { name: one, file: { path: /proc/none/x, state: directory } }'],
    ['by failed_when', '- { name: one, command: "true", failed_when: true }'],
    ['by what changed_when reads', '- { name: one, command: "true", register: it, changed_when: it.none == 1 }'],
    [
      'by what changed_when reads of a state',
      '- { name: one, file: { path: "{{dir}}/z", state: directory }, register: it, changed_when: it.none == 1 }',
    ],
    ['by whom it notifies', '- { name: one, file: { path: "{{dir}}/z", state: directory }, notify: "{{word}}" }'],
    ['by a parameter', '- { name: one, file: { path: "{{dir}}/z", state: "{{word}}" } }'],
    ['by the end of its shell', '- { name: one, shell: "kill -9 0" }'],
  ])('%s', async (_how, task) => {
    const ran = await runTasks(`${task}\n${BEHIND}`, { engine: { extraVars: { word: 'none' } } });
    expect(ran.log).toHaveLength(1);
    expect([ran.read('x'), ran.read('y')]).toEqual([undefined, undefined]);
  });

  test('by an interruption', async () => {
    const ran = await interrupted(`- { name: one, shell: "echo go; sleep 30" }\n${BEHIND}`);
    expect(ran.result.undone).toEqual(['a: one']);
    expect([ran.read('x'), ran.read('y')]).toEqual([undefined, undefined]);
  });
});

describe('a host that is lost', () => {
  test('in the middle of a task is unreachable, with the task; the others go on', async () => {
    const ran = await run({
      playbook: play(`
        - { name: one, shell: 'kill -9 0', when: inventory_hostname == "a" }
        - { name: two, command: "true" }
      `),
    });
    expect(ran.log.toSorted()).toEqual(['a one: unreachable', 'b one: skipped', 'b two: changed']);
    expect(ran.outcome('one')).toMatchObject({
      failure: { message: expect.stringContaining('whether that took effect is not known') },
    });
    expect(ran.result).toMatchObject({ status: 'unreachable', hosts: [{ tally: { unreachable: 1 } }, {}] });
  });

  test('while its facts are gathered takes no task', async () => {
    const ran = await run({
      playbook: '- hosts: all\n  tasks: [{ name: one, debug: { msg: x } }]\n',
      session: (host, real) => (host === 'a' ? lostAfter(0, real) : real),
    });
    expect(ran.log.toSorted()).toEqual(['a gather facts: unreachable', 'b gather facts: ok', 'b one: ok']);
  });

  test('while its facts are gathered ends the run for all where any error is fatal', async () => {
    const ran = await run({
      playbook: `- hosts: all\n  any_errors_fatal: true\n  tasks: [{ name: one, debug: { msg: x } }]\n${play('- { name: two, debug: { msg: x } }')}`,
      session: (host, real) => (host === 'a' ? lostAfter(0, real) : real),
    });
    expect(ran.log.filter((line) => line.includes('two'))).toEqual([]);
    expect(ran.result.status).toBe('unreachable');
  });

  test('goes on where ignore_unreachable says so', async () => {
    const ran = await runTasks(
      '- { name: one, command: "true", ignore_unreachable: true, register: it }\n- { name: two, debug: { msg: "{{it.unreachable}}" } }',
      {
        session: (_host, real) => lostAfter(0, real),
      },
    );
    expect(ran.log).toEqual(['a one: unreachable (ignored)', 'a two: ok']);
    expect(ran.notes('two')).toEqual(['true']);
    expect(ran.result.status).toBe('done');
  });

  test('is not tried for the items behind', async () => {
    let frames = 0;
    const ran = await runTasks('- { name: one, wait_for: { path: / }, loop: [1, 2, 3] }', {
      session(_host, real) {
        const lost = lostAfter(1, real);
        return {
          ...lost,
          exchange(frame, options) {
            frames += 1;
            return lost.exchange(frame, options);
          },
        };
      },
    });
    expect(frames).toBe(2);
    expect(ran.outcome('one')).toMatchObject({
      status: 'unreachable',
      failure: { message: '2 of 3 items failed; 2: a: the connection was lost' },
    });
  });

  test('is not what counts where another one failed', async () => {
    const ran = await run({
      playbook: play('- { name: one, command: "false" }'),
      session: (host, real) => (host === 'a' ? lostAfter(0, real) : real),
    });
    expect(ran.result.status).toBe('failed');
  });

  test('is the own host where a delegated task cannot reach its target', async () => {
    const ran = await run({
      inventory: 'a\nb\n',
      playbook:
        play('- { name: one, command: "true", delegate_to: b }').replace('all', 'a') +
        play('- { name: two, debug: { msg: x } }'),
      session: (host, real) => (host === 'b' ? lostAfter(0, real) : real),
    });
    expect(ran.log).toEqual(['a one: unreachable']);
  });
});
