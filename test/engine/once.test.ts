import { describe, expect, test } from 'vitest';
import { recorder } from './doubles.ts';
import { play, run, runTasks } from './harness.ts';

describe('run_once', () => {
  test.each(['free', 'linear'])(
    'is done by one host under %s, and all get what it registered and set',
    async (strategy) => {
      const ran = await run({
        inventory: 'a\nb\nc\n',
        playbook: play(
          `
        - { name: one, shell: 'echo x >>{{dir}}/../all; echo hi', register: said, run_once: true }
        - { name: two, set_fact: { age: 3 }, run_once: true }
        - { name: show, debug: { msg: "{{said.stdout}} {{age}}" } }
        `,
          `strategy: ${strategy}`,
        ),
      });
      expect(ran.log.filter((line) => line.includes('one'))).toHaveLength(1);
      expect(ran.read('../all')).toBe('x\n');
      expect(['a', 'b', 'c'].map((host) => ran.notes('show', host)[0])).toEqual(['hi 3', 'hi 3', 'hi 3']);
    },
  );

  test.each(['free', 'linear'])('fails for all under %s where it fails', async (strategy) => {
    const ran = await run({
      playbook:
        play(
          '- { name: one, command: "false", run_once: true }\n- { name: two, debug: { msg: x } }',
          `strategy: ${strategy}`,
        ) + play('- { name: three, debug: { msg: x } }'),
    });
    expect(ran.log).toEqual(['a one: failed']);
    expect(ran.result.status).toBe('failed');
  });

  test('ends the run where it fails, although a host had left the play before', async () => {
    const ran = await run({
      playbook:
        play(`
          - { meta: end_host, when: inventory_hostname == "b" }
          - { name: one, command: "false", run_once: true }
        `) + play('- { name: two, debug: { msg: x } }'),
    });
    expect(ran.log).toEqual(['a one: failed']);
  });

  test('goes on for all where its failure is ignored', async () => {
    const ran = await run({
      playbook: play(
        '- { name: one, command: "false", run_once: true, ignore_errors: true }\n- { name: two, debug: { msg: x } }',
      ),
    });
    expect(ran.log.toSorted()).toEqual(['a one: failed (ignored)', 'a two: ok', 'b two: ok']);
  });

  test('is done once a batch', async () => {
    const ran = await runTasks('- { name: one, command: "true", run_once: true }', {
      inventory: 'a\nb\nc\n',
      keywords: 'serial: 2',
    });
    expect(ran.log).toEqual(['a one: changed', 'c one: changed']);
  });

  test('notifies the handlers of the host that did it', async () => {
    const ran = await run({
      playbook: `
- hosts: all
  gather_facts: false
  tasks: [{ name: one, command: "true", run_once: true, notify: go }]
  handlers: [{ name: go, debug: { msg: x } }]
`,
    });
    expect(ran.log).toEqual(['a one: changed', 'a go: ok']);
  });

  test('in an include is done once for each of its items', async () => {
    const ran = await run({
      playbook: {
        'site.yml': play('- include_tasks: inner.yml\n  loop: [x, y]'),
        'inner.yml': '- { name: "one {{item}}", command: "true", run_once: true }\n',
      },
    });
    expect(ran.log.toSorted()).toEqual(['a one x: changed', 'a one y: changed']);
  });
});

describe('delegate_to', () => {
  test('does the task on another host, with the variables of the own one', async () => {
    const { sent, session } = recorder();
    const ran = await run({
      inventory: 'a word=mine\nb word=other\n',
      playbook: play(
        '- { name: one, command: "echo {{word}} {{inventory_hostname}}", delegate_to: b, register: said }\n- { name: show, debug: { msg: "{{said.stdout}}" } }',
      ).replace('hosts: all', 'hosts: a'),
      session,
    });
    expect(sent.map(({ host }) => host)).toEqual(['b']);
    expect(ran.log).toEqual(['a one: changed', 'a show: ok']);
    expect(ran.notes('show')).toEqual(['mine a']);
  });

  test('may differ for each item of a loop', async () => {
    const { sent, session } = recorder();
    const ran = await run({
      inventory: 'a\nb\nc\n',
      playbook: play('- { name: one, command: "true", loop: "{{groups.all}}", delegate_to: "{{item}}" }').replace(
        'hosts: all',
        'hosts: a',
      ),
      session,
    });
    expect(sent.map(({ host }) => host)).toEqual(['a', 'b', 'c']);
    expect(ran.log).toEqual(['a one: changed']);
  });

  test('reaches the controller as localhost, though the inventory does not name it', async () => {
    const { sent, session } = recorder();
    const ran = await runTasks('- { name: one, command: "true", delegate_to: "{{where}}" }', {
      session,
      engine: { extraVars: { where: 'localhost' } },
    });
    expect(ran.log).toEqual(['a one: changed']);
    expect(sent.map(({ host }) => host)).toEqual(['localhost']);
  });

  test('to nobody is a failure at its place', async () => {
    const ran = await runTasks('- name: one\n  command: "true"\n  delegate_to: "{{where}}"', {
      inventory: 'alpha\n',
      engine: { extraVars: { where: 'alphb' } },
    });
    expect(ran.outcome('one', 'alpha')).toMatchObject({
      failure: { code: 'E_UNKNOWN_HOST', at: { line: 6 }, hint: 'did you mean "alpha"?' },
    });
  });

  test('keeps facts that a module sets for the own host', async () => {
    const ran = await run({
      playbook: play(
        '- { set_fact: { age: 3 }, delegate_to: b }\n- { name: show, debug: { msg: "{{hostvars.a.age}} {{default hostvars.b.age 0}}" } }',
      ).replace('hosts: all', 'hosts: a'),
    });
    expect(ran.notes('show')).toEqual(['3 0']);
  });
});
