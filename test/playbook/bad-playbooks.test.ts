import { describe, expect, test } from 'vitest';
import { indented, problemsOf } from './sample.ts';

/** The problems of a play that holds these lines as its tasks. */
function inTasks(tasks: string): string {
  return problemsOf(`- hosts: all\n  tasks:\n${indented(tasks, 4)}`);
}

describe('what is wrong with a playbook is told with its place and a way out', () => {
  test('an unquoted template at the start of a value', () => {
    expect(inTasks('- debug:\n    msg: {{ greeting }}')).toMatchInlineSnapshot(`
      "site.yml:4:15: expected a text as key, got a mapping [E_YAML_KEY]
          4 |         msg: {{ greeting }}
            |               ^
        hint: a value that begins with {{ needs quotes: "{{ … }}""
    `);
  });

  test('an unquoted template with text after it', () => {
    expect(inTasks('- debug:\n    msg: {{ greeting }} all')).toMatchInlineSnapshot(`
      "site.yml:4:29: not valid YAML: bad indentation of a mapping entry [E_YAML]
          4 |         msg: {{ greeting }} all
            |                             ^
        hint: a value that begins with {{ needs quotes: "{{ … }}""
    `);
  });

  test('yes and no in the place of true and false', () => {
    expect(problemsOf('- hosts: all\n  become: yes\n  gather_facts: no\n')).toMatchInlineSnapshot(`
      "site.yml:2:11: "become" must be true or false, got "yes" [E_WRONG_TYPE]
          2 |   become: yes
            |           ^^^
        hint: write true
      site.yml:3:17: "gather_facts" must be true or false, got "no" [E_WRONG_TYPE]
          3 |   gather_facts: no
            |                 ^^
        hint: write false"
    `);
    expect(inTasks('- file: { path: /srv, recurse: yes }')).toMatchInlineSnapshot(`
      "site.yml:3:36: "recurse" of file must be true or false, got "yes" [E_WRONG_PARAMETER]
          3 |     - file: { path: /srv, recurse: yes }
            |                                    ^^^
        hint: write true"
    `);
  });

  test('a mode that YAML reads as a number', () => {
    expect(inTasks('- file:\n    path: /srv\n    mode: 0644')).toMatchInlineSnapshot(`
      "site.yml:5:15: "mode" of file must be a text, got the number 644 [E_WRONG_PARAMETER]
          5 |         mode: 0644
            |               ^^^^
        hint: write it as a text: mode: "0644""
    `);
  });

  test('a tab', () => {
    expect(inTasks('- file:\n\tpath: /srv')).toMatchInlineSnapshot(`
      "site.yml:4:5: not valid YAML: a tab in the indentation [E_YAML]
          4 |       path: /srv
            |     ^
        hint: indent with spaces"
    `);
  });

  test('a key that stands twice', () => {
    expect(inTasks('- debug: { msg: a }\n  name: one\n  name: two')).toMatchInlineSnapshot(`
      "site.yml:5:7: key "name" stands twice; it was first given in line 4 [E_YAML_DUPLICATE_KEY]
          5 |       name: two
            |       ^^^^
        hint: remove one of the two"
    `);
  });

  test('an unknown module, with the nearest one', () => {
    expect(inTasks('- coppy: { src: a, dest: /b }')).toMatchInlineSnapshot(`
      "site.yml:3:7: unknown module "coppy" [E_UNKNOWN_MODULE]
          3 |     - coppy: { src: a, dest: /b }
            |       ^^^^^
        hint: did you mean "copy"?"
    `);
  });

  test('a module of a collection', () => {
    expect(inTasks('- ansible.builtin.copy: { src: a, dest: /b }')).toMatchInlineSnapshot(`
      "site.yml:3:7: unknown module "ansible.builtin.copy" [E_UNKNOWN_MODULE]
          3 |     - ansible.builtin.copy: { src: a, dest: /b }
            |       ^^^^^^^^^^^^^^^^^^^^
        hint: write copy: modules are bench's own and have no collection"
    `);
  });

  test('a misspelt keyword beside a module', () => {
    expect(inTasks('- debug: { msg: a }\n  whn: x')).toMatchInlineSnapshot(`
      "site.yml:4:7: unknown keyword "whn" of a task [E_UNKNOWN_KEY]
          4 |       whn: x
            |       ^^^
        hint: did you mean "when"?"
    `);
  });

  test('a misspelt keyword of a play, without a second problem for what it should have been', () => {
    expect(problemsOf('- hots: all\n')).toMatchInlineSnapshot(`
      "site.yml:1:3: unknown keyword "hots" of a play [E_UNKNOWN_KEY]
          1 | - hots: all
            |   ^^^^
        hint: did you mean "hosts"?"
    `);
  });

  test('a keyword in a place where it means nothing', () => {
    expect(inTasks('- debug: { msg: a }\n  hosts: all')).toMatchInlineSnapshot(`
      "site.yml:4:7: "hosts" does not belong to a task [E_UNKNOWN_KEY]
          4 |       hosts: all
            |       ^^^^^
        hint: it belongs to a play"
    `);
    expect(inTasks('- block: []\n  loop: [a]')).toMatchInlineSnapshot(`
      "site.yml:4:7: "loop" does not belong to a block [E_UNKNOWN_KEY]
          4 |       loop: [a]
            |       ^^^^
        hint: put the block's tasks into a file and loop over include_tasks"
    `);
  });

  test('two modules in one task', () => {
    expect(inTasks('- debug: { msg: a }\n  command: uptime')).toMatchInlineSnapshot(`
      "site.yml:4:7: a task calls one module; this one calls "debug" and "command" [E_TWO_MODULES]
          4 |       command: uptime
            |       ^^^^^^^
        hint: make two tasks of it"
    `);
  });

  test('no module at all', () => {
    expect(inTasks('- name: nothing')).toMatchInlineSnapshot(`
      "site.yml:3:7: the task calls no module [E_NO_MODULE]
          3 |     - name: nothing
            |       ^
        hint: bench doc lists the modules"
    `);
  });

  test.each([
    ['with_items: [a]', 'loop'],
    ['with_fileglob: [a]', 'loop'],
    ['async: 10', 'timeout'],
    ['poll: 0', 'timeout'],
    ['connection: local', 'ansible_connection'],
    ['remote_user: root', 'ansible_user'],
    ['become_method: su', 'sudo'],
    ['throttle: 1', 'serial'],
  ])('a word of Ansible that bench has not: %s', (line, instead) => {
    const told = inTasks(`- debug: { msg: a }\n  ${line}`);
    expect(told).toContain(`unknown keyword "${line.split(':')[0]}"`);
    expect(told).toContain('hint:');
    expect(told).toContain(instead);
  });

  test.each([
    'action: copy src=a dest=b',
    'local_action: copy src=a dest=b',
    'include: a.yml',
    'import_role: { name: a }',
  ])('a task written another way is told once: %s', (task) => {
    expect(inTasks(`- ${task}`).match(/\[E_/g)).toHaveLength(1);
  });

  test('roles', () => {
    expect(problemsOf('- hosts: all\n  roles: [web]\n')).toMatchInlineSnapshot(`
      "site.yml:2:3: unknown keyword "roles" of a play [E_UNKNOWN_KEY]
          2 |   roles: [web]
            |   ^^^^^
        hint: use import_tasks and vars_files: a folder of task files takes the place of a role"
    `);
  });

  test('a wrong name for a variable', () => {
    expect(inTasks('- debug: { msg: a }\n  register: my-result\n  vars: { 1st: a, groups: b }')).toMatchInlineSnapshot(`
      "site.yml:4:17: "my-result" is no name for a variable [E_VARIABLE_NAME]
          4 |       register: my-result
            |                 ^^^^^^^^^
        hint: letters, digits and _ make a name: my_result
      site.yml:5:15: "1st" is no name for a variable [E_VARIABLE_NAME]
          5 |       vars: { 1st: a, groups: b }
            |               ^^^
        hint: letters, digits and _ make a name: _1st
      site.yml:5:23: "groups" is a variable of bench's own [E_VARIABLE_NAME]
          5 |       vars: { 1st: a, groups: b }
            |                       ^^^^^^
        hint: choose another name: my_groups"
    `);
    expect(inTasks('- set_fact: { the-answer: 42 }')).toMatchInlineSnapshot(`
      "site.yml:3:19: "the-answer" is no name for a variable [E_VARIABLE_NAME]
          3 |     - set_fact: { the-answer: 42 }
            |                   ^^^^^^^^^^
        hint: letters, digits and _ make a name: the_answer"
    `);
  });

  test('a handler that nothing is named', () => {
    const play = '- hosts: all\n  tasks:\n    - command: uptime\n      notify: [restart web, reload]\n';
    expect(problemsOf(play)).toMatchInlineSnapshot(`
      "site.yml:4:16: no handler is named "restart web" or listens to it [E_UNKNOWN_HANDLER]
          4 |       notify: [restart web, reload]
            |                ^^^^^^^^^^^
        hint: the play has no handlers
      site.yml:4:29: no handler is named "reload" or listens to it [E_UNKNOWN_HANDLER]
          4 |       notify: [restart web, reload]
            |                             ^^^^^^
        hint: the play has no handlers"
    `);
    expect(
      problemsOf(`${play}  handlers:\n    - name: restart webd\n      listen: reloads\n      command: uptime\n`),
    ).toMatchInlineSnapshot(`
      "site.yml:4:16: no handler is named "restart web" or listens to it [E_UNKNOWN_HANDLER]
          4 |       notify: [restart web, reload]
            |                ^^^^^^^^^^^
        hint: did you mean "restart webd"?
      site.yml:4:29: no handler is named "reload" or listens to it [E_UNKNOWN_HANDLER]
          4 |       notify: [restart web, reload]
            |                             ^^^^^^
        hint: did you mean "reloads"?"
    `);
  });

  test('two handlers of one name, and one without a name', () => {
    const handlers = '- { name: a, command: uptime }\n- { name: a, command: uptime }\n- command: uptime\n- block: []';
    expect(problemsOf(`- hosts: all\n  handlers:\n${indented(handlers, 4)}`)).toMatchInlineSnapshot(`
      "site.yml:4:15: two handlers are named "a"; the first stands in line 3 [E_DUPLICATE_HANDLER]
          4 |     - { name: a, command: uptime }
            |               ^
        hint: give both one "listen" to run both
      site.yml:5:7: nothing can notify a handler without a name [E_MISSING_KEY]
          5 |     - command: uptime
            |       ^
        hint: add name: a text
      site.yml:6:7: "block" cannot be a handler [E_MISPLACED]
          6 |     - block: []
            |       ^
        hint: a handler is one task; several handlers may listen to one name"
    `);
  });

  test('values that are none of the few that a keyword takes', () => {
    expect(
      problemsOf('- hosts: all\n  strategy: linar\n  order: sort\n  serial: [1, 0]\n  max_fail_percentage: 120\n'),
    ).toMatchInlineSnapshot(`
      "site.yml:2:13: "strategy" must be one of free, linear, got "linar" [E_WRONG_VALUE]
          2 |   strategy: linar
            |             ^^^^^
        hint: did you mean "linear"?
      site.yml:3:10: "order" must be one of inventory, reverse_inventory, sorted, reverse_sorted, shuffle, got "sort" [E_WRONG_VALUE]
          3 |   order: sort
            |          ^^^^
        hint: did you mean "sorted"?
      site.yml:4:15: "serial" must be a number, a percentage such as "30%", or a list of them, got the number 0 [E_WRONG_TYPE]
          4 |   serial: [1, 0]
            |               ^
      site.yml:5:24: "max_fail_percentage" must lie between 0 and 100, got 120 [E_WRONG_VALUE]
          5 |   max_fail_percentage: 120
            |                        ^^^"
    `);
    expect(inTasks('- meta: flush_handler')).toMatchInlineSnapshot(`
      "site.yml:3:13: "meta" must be one of flush_handlers, end_play, end_host, noop, got "flush_handler" [E_WRONG_VALUE]
          3 |     - meta: flush_handler
            |             ^^^^^^^^^^^^^
        hint: did you mean "flush_handlers"?"
    `);
  });

  test('a loop that is no list', () => {
    expect(inTasks('- debug: { msg: a }\n  loop: disks')).toMatchInlineSnapshot(`
      "site.yml:4:13: "loop" must be a list, or a template that gives one, got "disks" [E_WRONG_TYPE]
          4 |       loop: disks
            |             ^^^^^
        hint: write loop: "{{disks}}" for a variable"
    `);
    expect(inTasks('- debug: { msg: a }\n  loop: { a: 1 }')).toMatchInlineSnapshot(`
      "site.yml:4:13: "loop" must be a list, or a template that gives one, got a mapping [E_WRONG_TYPE]
          4 |       loop: { a: 1 }
            |             ^
        hint: write loop: "{{keys mapping}}" and {{lookup mapping item}}"
    `);
    expect(inTasks('- debug: { msg: a }\n  loop_control: { label: a }\n  retries: 3')).toMatchInlineSnapshot(`
      "site.yml:4:7: "loop_control" says nothing without "loop" [E_MISSING_KEY]
          4 |       loop_control: { label: a }
            |       ^^^^^^^^^^^^
        hint: add loop: a list
      site.yml:5:7: "retries" says nothing without "until" [E_MISSING_KEY]
          5 |       retries: 3
            |       ^^^^^^^
        hint: add until: a condition on the registered result"
    `);
  });

  test('things that are not where they belong', () => {
    expect(problemsOf('hosts: all\n')).toMatchInlineSnapshot(`
      "site.yml:1:1: a playbook is a list of plays, got a mapping [E_WRONG_TYPE]
          1 | hosts: all
            | ^
        hint: begin each play with "- ""
    `);
    expect(problemsOf('- name: a\n  command: uptime\n')).toMatchInlineSnapshot(`
      "site.yml:1:3: a task stands where a play has to [E_MISPLACED]
          1 | - name: a
            |   ^
        hint: tasks stand in a play: - hosts: all and, below it, tasks:"
    `);
    expect(problemsOf('- hosts: all\n  tasks: { command: uptime }\n')).toMatchInlineSnapshot(`
      "site.yml:2:10: "tasks" must be a list of tasks, got a mapping [E_WRONG_TYPE]
          2 |   tasks: { command: uptime }
            |          ^
        hint: begin each task with "- ""
    `);
    expect(inTasks('- hosts: all\n  tasks: []')).toMatchInlineSnapshot(`
      "site.yml:3:7: a play cannot stand in a list of tasks [E_MISPLACED]
          3 |     - hosts: all
            |       ^
        hint: import a file with plays by import_playbook, beside the plays"
    `);
    expect(inTasks('- uptime')).toMatchInlineSnapshot(`
      "site.yml:3:7: expected a task, got "uptime" [E_WRONG_TYPE]
          3 |     - uptime
            |       ^^^^^^
        hint: write - name: … and, below it, a module"
    `);
    expect(inTasks('- rescue: []')).toMatchInlineSnapshot(`
      "site.yml:3:7: "rescue" and "always" belong to a "block" [E_MISSING_KEY]
          3 |     - rescue: []
            |       ^
        hint: add block: a list of tasks"
    `);
    expect(problemsOf('- hosts: []\n')).toContain('"hosts" names nothing');
    expect(
      inTasks('- import_tasks: { file: a.yml, apply: {} }\n- include_tasks: { fle: a.yml }').match(/\[E_\w+\]/g),
    ).toEqual(['[E_NO_FILE]', '[E_UNKNOWN_KEY]', '[E_MISSING_KEY]', '[E_UNKNOWN_KEY]']);
    expect(problemsOf('')).toMatchInlineSnapshot(`
      "site.yml:1:1: the playbook holds no play [E_EMPTY_PLAYBOOK]
          1 | 
            | ^
        hint: write - hosts: all and, below it, tasks:"
    `);
  });

  test('problems of all files come at once, in the order of the files', () => {
    const told = problemsOf({
      'site.yml':
        '- hosts: all\n  become: yes\n  tasks:\n    - import_tasks: tasks/a.yml\n    - include_tasks: tasks/b.yml\n- import_playbook: other.yml\n',
      'tasks/a.yml': '- coppy: {}\n',
      'tasks/b.yml': '- debug: { mgs: a }\n',
      'other.yml': '- hosts: all\n  tsks: []\n',
    });
    expect(told.match(/^\S+:\d+:\d+/gm)).toEqual([
      'site.yml:2:11',
      'tasks/a.yml:1:3',
      'tasks/b.yml:1:12',
      'other.yml:2:3',
    ]);
  });

  test('a file that is imported twice has its problems once', () => {
    const told = problemsOf({
      'site.yml': '- hosts: all\n  tasks:\n    - import_tasks: a.yml\n    - import_tasks: a.yml\n',
      'a.yml': '- coppy: {}\n',
    });
    expect(told.match(/\[E_/g)).toHaveLength(1);
  });
});
