import { describe, expect, test } from 'vitest';
import { type LocatedText, toPlain, type YamlNode } from '../../src/contract/yaml-node.ts';
import { KEYWORDS } from '../../src/playbook/keywords.ts';
import type { Attributes, Entry, IncludeEntry, Play, TaskEntry } from '../../src/playbook/play.ts';
import { entriesOf, load, playOf, taskOf } from './sample.ts';

const texts = (located: readonly LocatedText[]) => located.map(({ text }) => text);
const plain = (node: YamlNode | undefined) => node && toPlain(node);
const plains = (nodes: readonly YamlNode[]) => nodes.map(toPlain);

function includeOf(lines: string): IncludeEntry {
  const files = {
    'site.yml': `- hosts: all\n  tasks:\n    - ${lines.replaceAll('\n', '\n      ')}\n`,
    'a.yml': '- debug: { msg: a }\n',
  };
  const [entry] = playOf(files).sections.tasks;
  if (entry?.kind !== 'include') throw new Error('no include');
  return entry;
}

const tasksOf = (entries: readonly Entry[]) =>
  entries.flatMap((entry) => (entry.kind === 'task' ? [entry.name.text] : []));

/** For each keyword of a play: a value, and what the play has of it. */
const OF_PLAYS: Readonly<Record<string, readonly [yaml: string, read: (play: Play) => unknown, expected: unknown]>> = {
  name: ['the lab', (play) => play.name, 'the lab'],
  vars: ['{ a: 1 }', (play) => plain(play.vars), { a: 1 }],
  vars_files: ['[a.yml, "{{b}}.yml"]', (play) => texts(play.varsFiles), ['a.yml', '{{b}}.yml']],
  gather_facts: ['false', (play) => play.gatherFacts, false],
  serial: ['[1, 30%]', (play) => play.serial, [1, '30%']],
  strategy: ['linear', (play) => play.strategy, 'linear'],
  order: ['reverse_sorted', (play) => play.order, 'reverse_sorted'],
  any_errors_fatal: ['true', (play) => play.anyErrorsFatal, true],
  max_fail_percentage: ['20', (play) => play.maxFailPercentage, 20],
  pre_tasks: ['[{ name: p, debug: { msg: a } }]', (play) => tasksOf(play.sections.pre_tasks), ['p']],
  tasks: ['[{ name: t, debug: { msg: a } }]', (play) => tasksOf(play.sections.tasks), ['t']],
  post_tasks: ['[{ name: q, debug: { msg: a } }]', (play) => tasksOf(play.sections.post_tasks), ['q']],
  handlers: ['[{ name: h, command: uptime }]', (play) => tasksOf(play.handlers), ['h']],
};

/** For each keyword that is handed down: a value, and what a task has of it. */
const HANDED_DOWN: Readonly<
  Record<string, readonly [yaml: string, read: (attributes: Attributes) => unknown, expected: unknown]>
> = {
  tags: ['[a, "b,c"]', ({ tags }) => tags, ['a', 'b', 'c']],
  environment: ['{ LANG: C }', ({ environment }) => plains(environment), [{ LANG: 'C' }]],
  become: ['true', ({ become }) => plain(become), true],
  become_user: ['bench', ({ become_user }) => plain(become_user), 'bench'],
  run_once: ['true', ({ run_once }) => plain(run_once), true],
  no_log: ['"{{is_quiet}}"', ({ no_log }) => plain(no_log), '{{is_quiet}}'],
  timeout: ['90s', ({ timeout }) => plain(timeout), '90s'],
  check_mode: ['false', ({ check_mode }) => plain(check_mode), false],
  ignore_errors: ['true', ({ ignore_errors }) => plain(ignore_errors), true],
  ignore_unreachable: ['true', ({ ignore_unreachable }) => plain(ignore_unreachable), true],
};
const BELOW_PLAYS: typeof HANDED_DOWN = {
  when: ['[a == 1, true]', ({ when }) => texts(when), ['a == 1', 'true']],
  vars: ['{ a: 1 }', ({ vars }) => plains(vars), [{ a: 1 }]],
  delegate_to: ['"{{item}}"', ({ delegate_to }) => plain(delegate_to), '{{item}}'],
  any_errors_fatal: ['true', ({ any_errors_fatal }) => plain(any_errors_fatal), true],
};

/** For each other keyword of a task: a value, and what the task has of it. */
const OF_TASKS: Readonly<
  Record<string, readonly [yaml: string, read: (task: TaskEntry) => unknown, expected: unknown]>
> = {
  name: ['say {{a}}', (task) => task.name.text, 'say {{a}}'],
  args: ['{ msg: b }', (task) => toPlain(task.args), { msg: 'b' }],
  loop: ['[1, 2]', (task) => plain(task.loop), [1, 2]],
  register: ['said', (task) => task.register, 'said'],
  notify: ['"{{handler}}"', (task) => texts(task.notify), ['{{handler}}']],
  until: ['[said.rc == 0]', (task) => texts(task.until), ['said.rc == 0']],
  changed_when: ['false', (task) => texts(task.changedWhen), ['false']],
  failed_when: ['said.rc > 1', (task) => texts(task.failedWhen), ['said.rc > 1']],
};

describe('a play keeps', () => {
  test.each(Object.entries(OF_PLAYS))('%s', (keyword, [yaml, read, expected]) => {
    const play = playOf(`- hosts: all\n  ${keyword}: ${yaml}\n`);
    expect(read(play)).toEqual(expected);
    expect(read(playOf('- hosts: all\n'))).not.toEqual(expected);
  });

  test('hosts as one pattern, whether it is a text or a list', () => {
    expect(playOf('- hosts: "a:!b"\n').hosts.text).toBe('a:!b');
    expect(playOf('- hosts: [a, b]\n').hosts).toMatchObject({ text: 'a,b', at: { line: 1, column: 11 } });
  });

  test('what Ansible takes where nothing is said', () => {
    expect(playOf('- hosts: all\n')).toMatchObject({
      name: 'all',
      gatherFacts: true,
      serial: [],
      strategy: 'free',
      order: 'inventory',
      anyErrorsFatal: false,
    });
  });
});

describe('handed down', () => {
  test.each(Object.entries(HANDED_DOWN))('from a play: %s', (keyword, [yaml, read, expected]) => {
    const [task] = playOf(`- hosts: all\n  ${keyword}: ${yaml}\n  tasks: [{ debug: { msg: a } }]\n`).sections.tasks;
    expect(task?.kind === 'task' && read(task.attributes)).toEqual(expected);
  });

  test.each(Object.entries({ ...HANDED_DOWN, ...BELOW_PLAYS }))(
    'from a block, and a task itself: %s',
    (keyword, [yaml, read, expected]) => {
      const [block] = entriesOf(`- ${keyword}: ${yaml}\n  block: [{ debug: { msg: a } }]`);
      const [inner] = block?.kind === 'block' ? block.block : [];
      expect(inner?.kind === 'task' && read(inner.attributes)).toEqual(expected);
      expect(read(taskOf(`- ${keyword}: ${yaml}\n  debug: { msg: a }`).attributes)).toEqual(expected);
      expect(read(taskOf('- debug: { msg: a }').attributes)).not.toEqual(expected);
    },
  );

  test.each(Object.entries({ ...HANDED_DOWN, ...BELOW_PLAYS }))(
    'import_tasks to every task: %s',
    (keyword, [yaml, read, expected]) => {
      const [task] = playOf({
        'site.yml': `- hosts: all\n  tasks:\n    - import_tasks: a.yml\n      ${keyword}: ${yaml}\n`,
        'a.yml': '- debug: { msg: a }\n',
      }).sections.tasks;
      expect(task?.kind === 'task' && read(task.attributes)).toEqual(expected);
    },
  );

  test('conditions, tags and variables add up, of single values the nearest counts', () => {
    const play = `
- hosts: all
  tags: [p]
  become: false
  tasks:
    - when: a
      tags: [b, p]
      vars: { x: 1 }
      become: true
      become_user: one
      block:
        - when: [c, d]
          tags: t
          vars: { x: 2 }
          become_user: two
          debug: { msg: a }
`;
    const [block] = playOf(play).sections.tasks;
    const [task] = block?.kind === 'block' ? block.block : [];
    if (task?.kind !== 'task') throw new Error('no task');
    const { when, tags, vars, become, become_user } = task.attributes;
    expect(texts(when)).toEqual(['a', 'c', 'd']);
    expect(tags).toEqual(['p', 'b', 't']);
    expect(plains(vars)).toEqual([{ x: 1 }, { x: 2 }]);
    expect([plain(become), plain(become_user)]).toEqual([true, 'two']);
  });
});

describe('a task keeps', () => {
  test.each(Object.entries(OF_TASKS))('%s', (keyword, [yaml, read, expected]) => {
    const task = taskOf(`- ${keyword}: ${yaml}\n  debug: ${keyword === 'args' ? '' : '{ msg: a }'}`);
    expect(read(task)).toEqual(expected);
    expect(read(taskOf('- debug: { msg: a }'))).not.toEqual(expected);
  });

  test('retries and delay, with until', () => {
    const task = taskOf('- debug: { msg: a }\n  until: x\n  retries: 5\n  delay: 500ms');
    expect([plain(task.retries), plain(task.delay)]).toEqual([5, '500ms']);
  });

  test('loop_control', () => {
    const { loopControl } = taskOf(
      '- debug: { msg: a }\n  loop: "{{l}}"\n  loop_control: { loop_var: disk, index_var: n, label: "{{disk}}", pause: 2 }',
    );
    expect(loopControl).toMatchObject({ loop_var: 'disk', index_var: 'n' });
    expect([plain(loopControl.label), plain(loopControl.pause)]).toEqual(['{{disk}}', 2]);
    expect(taskOf('- debug: { msg: a }\n  loop: [1]').loopControl.loop_var).toBe('item');
  });

  test("its place, the folder of its file, and its module's name where it has no other", () => {
    const play = playOf({
      'site.yml': '- hosts: all\n  tasks:\n    - import_tasks: tasks/a.yml\n',
      'tasks/a.yml': '- debug:\n',
    });
    expect(play.sections.tasks[0]).toMatchObject({
      at: { file: 'tasks/a.yml', line: 1, column: 3 },
      directory: 'tasks',
      module: 'debug',
      name: { text: 'debug' },
    });
  });
});

test('a handler listens to more names', () => {
  expect(
    playOf('- hosts: all\n  handlers:\n    - { name: a, listen: [b, c], command: uptime }\n').handlers[0]?.listen,
  ).toEqual(['b', 'c']);
});

test('a block has rescue and always, and a name', () => {
  const [block] = entriesOf(
    '- name: b\n  block: [{ debug: }]\n  rescue: [{ command: a }]\n  always: [{ command: b }, { command: c }]',
  );
  expect(block).toMatchObject({
    kind: 'block',
    name: 'b',
    block: [{ module: 'debug' }],
    rescue: [{ module: 'command' }],
    always: [{}, {}],
  });
});

test.each(['flush_handlers', 'end_play', 'end_host', 'noop'])('meta: %s, with when and tags', (action) => {
  const [entry] = entriesOf(`- meta: ${action}\n  when: x\n  tags: [t]`);
  expect(entry).toMatchObject({ kind: 'meta', action, attributes: { when: [{ text: 'x' }], tags: ['t'] } });
});

test('include_tasks keeps its own keywords and hands down what stands around it and in apply', () => {
  const include = includeOf(
    'include_tasks: { file: a.yml, apply: { tags: [c], become: true } }\nwhen: x\ntags: [i]\nloop: [1]\nname: n',
  );
  expect(include).toMatchObject({
    name: { text: 'n' },
    file: { text: 'a.yml' },
    attributes: { when: [{ text: 'x' }], tags: ['i'] },
  });
  const [inner] = include.entries ?? [];
  expect(inner?.kind === 'task' && inner.attributes).toMatchObject({ when: [], tags: ['c'] });
  expect(plain(include.loop)).toEqual([1]);
});

test('import_tasks takes its file in a mapping too, as Ansible does', () => {
  const files = { 'site.yml': '- hosts: all\n  tasks: [{ import_tasks: { file: a.yml } }]\n', 'a.yml': '- debug:\n' };
  expect(playOf(files).sections.tasks).toMatchObject([{ module: 'debug' }]);
});

test('any_errors_fatal of a play may be a template: it is handed down', () => {
  const play = playOf('- hosts: all\n  any_errors_fatal: "{{strict}}"\n  tasks: [{ debug: }]\n');
  expect(play.anyErrorsFatal).toBe(false);
  expect(play.sections.tasks).toMatchObject([{ attributes: { any_errors_fatal: { value: '{{strict}}' } } }]);
});

test('import_playbook hands down vars, tags and when', () => {
  const { playbook, diagnostics } = load({
    'site.yml': '- import_playbook: sub/other.yml\n  vars: { a: 1, b: 2 }\n  tags: [t]\n  when: x\n',
    'sub/other.yml': '- hosts: all\n  vars: { a: 3, c: 4 }\n  tasks: [{ debug: }]\n- hosts: b\n',
  });
  expect(diagnostics).toEqual([]);
  const [first, second] = playbook?.plays ?? [];
  expect(plain(first?.vars)).toEqual({ a: 1, b: 2, c: 4 });
  expect(first?.directory).toBe('sub');
  expect(first?.sections.tasks[0]).toMatchObject({ attributes: { when: [{ text: 'x' }], tags: ['t'] } });
  expect(second?.hosts.text).toBe('b');
});

test('every keyword is in the tests above', () => {
  const single = [
    'hosts',
    'loop_control',
    'loop_var',
    'index_var',
    'label',
    'pause',
    'retries',
    'delay',
    'listen',
    'block',
    'rescue',
    'always',
  ];
  const others = ['meta', 'include_tasks', 'import_tasks', 'import_playbook'];
  const tested = new Set([OF_PLAYS, HANDED_DOWN, BELOW_PLAYS, OF_TASKS].flatMap(Object.keys).concat(single, others));
  expect(KEYWORDS.map(({ name }) => name).filter((name) => !tested.has(name))).toEqual([]);
});

test('every keyword has one line of documentation', () => {
  for (const { summary, places } of KEYWORDS) {
    expect(summary).toMatch(/^\S.{10,95}[.!]$/);
    expect(places.length).toBeGreaterThan(0);
  }
});
