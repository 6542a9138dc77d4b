import { describe, expect, test } from 'vitest';
import { withHold } from './doubles.ts';
import { play, run, runTasks } from './harness.ts';

describe('a block', () => {
  test('hands its keywords down', async () => {
    const ran = await runTasks(`
      - vars: { word: x }
        environment: { WORD: "{{word}}" }
        ignore_errors: true
        block:
          - { name: one, shell: 'echo $WORD; exit 1', register: said }
          - { name: two, debug: { msg: "{{said.stdout}}" } }
    `);
    expect(ran.log).toEqual(['a one: failed (ignored)', 'a two: ok']);
    expect(ran.notes('two')).toEqual(['x']);
  });

  test('is left at the first failure for its rescue, and the host goes on', async () => {
    const ran = await runTasks(`
      - block:
          - { name: one, command: "false" }
          - { name: two, debug: { msg: x } }
        rescue:
          - { name: saved, debug: { msg: "{{ansible_failed_task.name}} {{ansible_failed_task.action}} {{ansible_failed_result.rc}}" } }
        always:
          - { name: last, debug: { msg: x } }
      - { name: three, debug: { msg: x } }
    `);
    expect(ran.log).toEqual(['a one: failed', 'a saved: ok', 'a last: ok', 'a three: ok']);
    expect(ran.notes('saved')).toEqual(['one command 1']);
    expect(ran.result).toMatchObject({ status: 'done', hosts: [{ tally: { failed: 0, rescued: 1 } }] });
  });

  test('skips its rescue where nothing failed', async () => {
    const ran = await runTasks(`
      - block: [{ name: one, debug: { msg: x } }]
        rescue: [{ name: saved, debug: { msg: x } }]
        always: [{ name: last, debug: { msg: x } }]
    `);
    expect(ran.log).toEqual(['a one: ok', 'a last: ok']);
  });

  test('does its always when the rescue fails too, and the host fails', async () => {
    const ran = await runTasks(`
      - block: [{ name: one, command: "false" }]
        rescue: [{ name: saved, command: "false" }]
        always: [{ name: last, debug: { msg: x } }]
      - { name: two, debug: { msg: x } }
    `);
    expect(ran.log).toEqual(['a one: failed', 'a saved: failed', 'a last: ok']);
    expect(ran.result).toMatchObject({ status: 'failed', hosts: [{ tally: { failed: 1, rescued: 1 } }] });
  });

  test('does its always without a rescue, and the host fails', async () => {
    const ran = await runTasks(`
      - block: [{ name: one, command: "false" }]
        always: [{ name: last, debug: { msg: x } }]
      - { name: two, debug: { msg: x } }
    `);
    expect(ran.log).toEqual(['a one: failed', 'a last: ok']);
    expect(ran.result.status).toBe('failed');
  });

  test('within a block leaves to the outer one what its own rescue cannot do', async () => {
    const ran = await runTasks(`
      - block:
          - block: [{ name: one, command: "false" }]
            rescue: [{ name: inner, fail: { msg: no } }]
            always: [{ name: inner last, debug: { msg: x } }]
          - { name: not, debug: { msg: x } }
        rescue: [{ name: outer, debug: { msg: "{{ansible_failed_result.msg}}" } }]
        always: [{ name: outer last, debug: { msg: x } }]
    `);
    expect(ran.log).toEqual([
      'a one: failed',
      'a inner: failed',
      'a inner last: ok',
      'a outer: ok',
      'a outer last: ok',
    ]);
    expect(ran.notes('outer')).toEqual(['no']);
    expect(ran.result.status).toBe('done');
  });

  test('rescues what an include in a loop did, each host its own', async () => {
    const ran = await run({
      playbook: {
        'site.yml': play(`
          - block:
              - include_tasks: inner.yml
                loop: [1, 2, 3]
            rescue: [{ name: saved, debug: { msg: "{{ansible_failed_task.name}}" } }]
          - { name: end, debug: { msg: x } }
        `),
        'inner.yml':
          '- { name: "do {{item}}", debug: { msg: x }, failed_when: item == 2 && inventory_hostname == "a" }\n',
      },
    });
    expect(ran.log.filter((line) => line.startsWith('a'))).toEqual([
      'a do 1: ok',
      'a do 2: failed',
      'a saved: ok',
      'a end: ok',
    ]);
    expect(ran.log.filter((line) => line.startsWith('b'))).toEqual([
      'b do 1: ok',
      'b do 2: ok',
      'b do 3: ok',
      'b end: ok',
    ]);
  });

  test('rescues a file of tasks that is missing, and counts no failure twice', async () => {
    const ran = await runTasks(`
      - block: [{ include_tasks: "{{inventory_hostname}}.yml" }]
        rescue: [{ name: saved, debug: { msg: "{{ansible_failed_result.msg}}" } }]
    `);
    expect(ran.log).toEqual(['a {{inventory_hostname}}.yml: failed', 'a saved: ok']);
    expect(ran.notes('saved')).toEqual(['there is no file "a.yml"']);
    expect(ran.result.hosts[0]?.tally).toMatchObject({ failed: 0, rescued: 1 });
  });

  test('of which a run_once task failed is rescued on every host, and no tally falls below zero', async () => {
    const ran = await run({
      playbook: play(`
        - block: [{ name: one, command: "false", run_once: true }]
          rescue: [{ name: saved, debug: { msg: x } }]
      `),
    });
    expect(ran.log.toSorted()).toEqual(['a one: failed', 'a saved: ok', 'b saved: ok']);
    expect(ran.result.hosts.map(({ tally }) => [tally.failed, tally.rescued])).toEqual([
      [0, 1],
      [0, 1],
    ]);
  });

  test('is not rescued by a host that is lost, and its always is not done there', async () => {
    const ran = await runTasks(`
      - block: [{ name: one, shell: 'kill -9 0' }]
        rescue: [{ name: saved, debug: { msg: x } }]
        always: [{ name: last, debug: { msg: x } }]
    `);
    expect(ran.log).toEqual(['a one: unreachable']);
  });

  test('does its always, all of it, although another host fails for all', async () => {
    const { modules, open } = withHold();
    const ran = await run({
      modules,
      onEvent: (event) => event.type === 'taskFinished' && event.outcome.status === 'failed' && open(),
      playbook: play(
        `
        - { name: one, command: "false", when: inventory_hostname == "a" }
        - block:
            - { name: two, hold: {} }
            - { name: three, debug: { msg: x } }
          always:
            - { name: last, debug: { msg: x } }
            - { name: very last, debug: { msg: x } }
        - { name: four, debug: { msg: x } }
        `,
        'any_errors_fatal: true',
      ),
    });
    expect(ran.log.filter((line) => line.startsWith('b'))).toEqual([
      'b one: skipped',
      'b two: ok',
      'b last: ok',
      'b very last: ok',
    ]);
  });
});
