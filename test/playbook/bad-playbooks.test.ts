import { describe, expect, test } from 'vitest';
import { indented, problemsOf } from './sample.ts';

/** The problems of a play that holds these lines as its tasks. */
function inTasks(tasks: string): string {
  return problemsOf(`- hosts: all\n  tasks:\n${indented(tasks, 4)}`);
}

describe('what is wrong with a playbook is told with its place and a way out', () => {
  test('an unquoted template at the start of a value', () => {
    expect(inTasks('- debug:\n    msg: {{ greeting }}')).toMatchInlineSnapshot();
  });

  test('an unquoted template with text after it', () => {
    expect(inTasks('- debug:\n    msg: {{ greeting }} all')).toMatchInlineSnapshot();
  });

  test('yes and no in the place of true and false', () => {
    expect(problemsOf('- hosts: all\n  become: yes\n  gather_facts: no\n')).toMatchInlineSnapshot();
    expect(inTasks('- file: { path: /srv, recurse: yes }')).toMatchInlineSnapshot();
  });

  test('a mode that YAML reads as a number', () => {
    expect(inTasks('- file:\n    path: /srv\n    mode: 0644')).toMatchInlineSnapshot();
  });

  test('a tab', () => {
    expect(inTasks('- file:\n\tpath: /srv')).toMatchInlineSnapshot();
  });

  test('a key that stands twice', () => {
    expect(inTasks('- debug: { msg: a }\n  name: one\n  name: two')).toMatchInlineSnapshot();
  });

  test('an unknown module, with the nearest one', () => {
    expect(inTasks('- coppy: { src: a, dest: /b }')).toMatchInlineSnapshot();
  });

  test('a module of a collection', () => {
    expect(inTasks('- ansible.builtin.copy: { src: a, dest: /b }')).toMatchInlineSnapshot();
  });

  test('a misspelt keyword beside a module', () => {
    expect(inTasks('- debug: { msg: a }\n  whn: x')).toMatchInlineSnapshot();
  });

  test('a misspelt keyword of a play, without a second problem for what it should have been', () => {
    expect(problemsOf('- hots: all\n')).toMatchInlineSnapshot();
  });

  test('a keyword in a place where it means nothing', () => {
    expect(inTasks('- debug: { msg: a }\n  hosts: all')).toMatchInlineSnapshot();
    expect(inTasks('- block: []\n  loop: [a]')).toMatchInlineSnapshot();
  });

  test('two modules in one task', () => {
    expect(inTasks('- debug: { msg: a }\n  command: uptime')).toMatchInlineSnapshot();
  });

  test('no module at all', () => {
    expect(inTasks('- name: nothing')).toMatchInlineSnapshot();
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

  test.each(['action: copy src=a dest=b', 'local_action: copy src=a dest=b', 'include: a.yml', 'import_role: { name: a }'])(
    'a task written another way is told once: %s',
    (task) => {
      expect(inTasks(`- ${task}`).match(/\[E_/g)).toHaveLength(1);
    },
  );

  test('roles', () => {
    expect(problemsOf('- hosts: all\n  roles: [web]\n')).toMatchInlineSnapshot();
  });

  test('a wrong name for a variable', () => {
    expect(inTasks('- debug: { msg: a }\n  register: my-result\n  vars: { 1st: a, groups: b }')).toMatchInlineSnapshot();
    expect(inTasks('- set_fact: { the-answer: 42 }')).toMatchInlineSnapshot();
  });

  test('a handler that nothing is named', () => {
    const play = '- hosts: all\n  tasks:\n    - command: uptime\n      notify: [restart web, reload]\n';
    expect(problemsOf(play)).toMatchInlineSnapshot();
    expect(
      problemsOf(`${play}  handlers:\n    - name: restart webd\n      listen: reloads\n      command: uptime\n`),
    ).toMatchInlineSnapshot();
  });

  test('two handlers of one name, and one without a name', () => {
    const handlers = '- { name: a, command: uptime }\n- { name: a, command: uptime }\n- command: uptime\n- block: []';
    expect(problemsOf(`- hosts: all\n  handlers:\n${indented(handlers, 4)}`)).toMatchInlineSnapshot();
  });

  test('values that are none of the few that a keyword takes', () => {
    expect(problemsOf('- hosts: all\n  strategy: linar\n  order: sort\n  serial: [1, 0]\n  max_fail_percentage: 120\n')).toMatchInlineSnapshot();
    expect(inTasks('- meta: flush_handler')).toMatchInlineSnapshot();
  });

  test('a loop that is no list', () => {
    expect(inTasks('- debug: { msg: a }\n  loop: disks')).toMatchInlineSnapshot();
    expect(inTasks('- debug: { msg: a }\n  loop: { a: 1 }')).toMatchInlineSnapshot();
    expect(inTasks('- debug: { msg: a }\n  loop_control: { label: a }\n  retries: 3')).toMatchInlineSnapshot();
  });

  test('things that are not where they belong', () => {
    expect(problemsOf('hosts: all\n')).toMatchInlineSnapshot();
    expect(problemsOf('- name: a\n  command: uptime\n')).toMatchInlineSnapshot();
    expect(problemsOf('- hosts: all\n  tasks: { command: uptime }\n')).toMatchInlineSnapshot();
    expect(inTasks('- hosts: all\n  tasks: []')).toMatchInlineSnapshot();
    expect(inTasks('- uptime')).toMatchInlineSnapshot();
    expect(inTasks('- rescue: []')).toMatchInlineSnapshot();
    expect(problemsOf('')).toMatchInlineSnapshot();
  });

  test('problems of all files come at once, in the order of the files', () => {
    const told = problemsOf({
      'site.yml': '- hosts: all\n  become: yes\n  tasks:\n    - import_tasks: tasks/a.yml\n    - include_tasks: tasks/b.yml\n- import_playbook: other.yml\n',
      'tasks/a.yml': '- coppy: {}\n',
      'tasks/b.yml': '- debug: { mgs: a }\n',
      'other.yml': '- hosts: all\n  tsks: []\n',
    });
    expect(told.match(/^\S+:\d+:\d+/gm)).toEqual(['site.yml:2:11', 'tasks/a.yml:1:3', 'tasks/b.yml:1:12', 'other.yml:2:3']);
  });

  test('a file that is imported twice has its problems once', () => {
    const told = problemsOf({
      'site.yml': '- hosts: all\n  tasks:\n    - import_tasks: a.yml\n    - import_tasks: a.yml\n',
      'a.yml': '- coppy: {}\n',
    });
    expect(told.match(/\[E_/g)).toHaveLength(1);
  });
});
