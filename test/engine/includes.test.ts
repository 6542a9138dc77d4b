import { describe, expect, test } from 'vitest';
import { play, run } from './harness.ts';

const show = (name: string, msg: string) => `- { name: ${name}, debug: { msg: "${msg}" } }\n`;

describe('import_tasks', () => {
  test('stands for the tasks of its file, which get its keywords', async () => {
    const ran = await run({
      inventory: 'a\n',
      playbook: {
        'site.yml': play(`
          - import_tasks: inner.yml
            vars: { word: x }
            when: word == "x"
          - import_tasks: inner.yml
            vars: { word: y }
            when: word == "x"
        `),
        'inner.yml': show('one', '{{word}}'),
      },
    });
    expect(ran.log).toEqual(['a one: ok', 'a one: skipped']);
    expect(ran.all('taskFinished').map(({ notes }) => notes)).toEqual([['x'], []]);
  });
});

describe('include_tasks', () => {
  test('is decided when the host comes to it', async () => {
    const ran = await run({
      inventory: 'a\n',
      playbook: {
        'site.yml': play(`
          - { command: echo inner, register: said }
          - include_tasks: "{{said.stdout}}.yml"
          - include_tasks: none.yml
            when: said.rc == 1
        `),
        'inner.yml': show('one', 'x'),
        'none.yml': show('not', 'x'),
      },
    });
    expect(ran.log).toEqual(['a command: changed', 'a one: ok']);
  });

  test('asks its condition once, not before each of its tasks', async () => {
    const ran = await run({
      inventory: 'a\n',
      playbook: {
        'site.yml': play('- set_fact: { go: true }\n- include_tasks: inner.yml\n  when: go'),
        'inner.yml': `- set_fact: { go: false }\n${show('one', 'x')}`,
      },
    });
    expect(ran.log).toEqual(['a set_fact: ok', 'a set_fact: ok', 'a one: ok']);
  });

  test('is done for each item of a loop, with the names that loop_control gives', async () => {
    const ran = await run({
      inventory: 'a\n',
      playbook: {
        'site.yml': play(`
          - include_tasks: "{{guest}}.yml"
            loop: [x, y]
            loop_control: { loop_var: guest, index_var: number }
            when: number < 2
        `),
        'x.yml': show('one', '{{guest}}{{number}}'),
        'y.yml': `- { name: two, debug: { msg: "{{guest}}{{number}}{{item}}" }, loop: [p, q] }\n`,
      },
    });
    expect([ran.notes('one'), ran.notes('two')]).toEqual([['x0'], ['y1p', 'y1q']]);
  });

  test('keeps its own condition and tags for itself, and gives apply to its tasks', async () => {
    const ran = await run({
      inventory: 'a\n',
      playbook: {
        'site.yml': play(`
          - include_tasks: { file: inner.yml, apply: { tags: [inside], vars: { word: x } } }
            tags: [outside, inside]
        `),
        'inner.yml': show('one', '{{word}}'),
      },
      engine: { tags: ['inside'] },
    });
    expect(ran.notes('one')).toEqual(['x']);
  });

  test('that its tags leave out is not entered, whatever its tasks are tagged with', async () => {
    const files = {
      'site.yml': play('- include_tasks: "{{nothing}}.yml"\n  tags: [x]\n- include_tasks: inner.yml'),
      'inner.yml': '- { name: one, debug: { msg: x }, tags: [y] }\n',
    };
    const skipped = await run({ inventory: 'a\n', playbook: files, engine: { skipTags: ['x'] } });
    expect(skipped.log).toEqual(['a one: ok']);
    const chosen = await run({ inventory: 'a\n', playbook: files, engine: { tags: ['y'] } });
    expect(chosen.log).toEqual([]);
  });

  test('gives all hosts the same tasks, each with one number', async () => {
    const ran = await run({
      playbook: {
        'site.yml': play('- include_tasks: "{{file}}.yml"', 'vars: { file: inner }'),
        'inner.yml': show('one', 'x') + show('two', 'x'),
      },
    });
    const ids = ran.all('taskFinished').map(({ task }) => `${task.name} ${task.id}`);
    expect(new Set(ids).size).toBe(2);
    expect(ran.all('taskFinished')[0]?.task.at).toMatchObject({ file: 'inner.yml', line: 1 });
  });

  test('of a file that is not there fails the host at the name', async () => {
    const ran = await run({
      inventory: 'a\n',
      playbook: play('- name: take in\n  include_tasks: "{{inventory_hostname}}.yml"'),
    });
    expect(ran.log).toEqual(['a take in: failed']);
    expect(ran.outcome('take in')).toMatchObject({
      failure: { code: 'E_NO_FILE', message: 'there is no file "a.yml"', at: { file: 'site.yml', line: 5 } },
    });
  });

  test('of a file with mistakes fails the host at the mistake', async () => {
    const ran = await run({
      inventory: 'a\n',
      playbook: {
        'site.yml': play('- name: take in\n  include_tasks: "{{inventory_hostname}}.yml"'),
        'a.yml': '- comand: x\n',
      },
    });
    expect(ran.outcome('take in')).toMatchObject({
      failure: { code: 'E_UNKNOWN_MODULE', at: { file: 'a.yml', line: 1 } },
    });
  });

  test('that takes in itself under a computed name comes to an end', async () => {
    const ran = await run({
      inventory: 'a\n',
      playbook: {
        'site.yml': play('- include_tasks: "{{file}}.yml"', 'vars: { file: inner }'),
        'inner.yml': '- include_tasks: "{{file}}.yml"\n',
      },
    });
    expect(ran.outcome('{{file}}.yml')).toMatchObject({ failure: { code: 'E_INCLUDE_CIRCLE' } });
  });

  test('whose loop is no list fails the host', async () => {
    const ran = await run({
      inventory: 'a word=x\n',
      playbook: { 'site.yml': play('- include_tasks: inner.yml\n  loop: "{{word}}"'), 'inner.yml': show('one', 'x') },
    });
    expect(ran.outcome('inner.yml')).toMatchObject({
      failure: { code: 'E_WRONG_VALUE', message: 'loop needs a list, got "x"' },
    });
  });
});

test('import_playbook puts the plays of a file in its place and hands down vars, tags and when', async () => {
  const ran = await run({
    inventory: 'a\n',
    playbook: {
      'site.yml': `
- import_playbook: plays/inner.yml
  vars: { word: x }
  tags: [inner]
- import_playbook: plays/inner.yml
  vars: { word: y }
  when: word == "z"
`,
      'plays/inner.yml': play(show('one', '{{word}}')),
    },
  });
  expect(ran.log).toEqual(['a one: ok', 'a one: skipped']);
  expect(ran.all('taskFinished')[0]?.notes).toEqual(['x']);
});
