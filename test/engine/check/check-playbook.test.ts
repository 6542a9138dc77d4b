import { describe, expect, test } from 'vitest';
import { formatDiagnostic } from '../../../src/core/diagnostic.ts';
import { checkPlaybook } from '../../../src/engine/check/check-playbook.ts';
import { parseInventory } from '../../../src/inventory/parse-inventory.ts';
import { loadPlaybook } from '../../../src/playbook/load.ts';
import { indented, reader, SAMPLE_MODULES } from '../../playbook/sample.ts';

type Files = Readonly<Record<string, string>>;

const LAB = `
[xen_hosts]
xen1 address=192.0.2.1
xen2 address=192.0.2.2

[xen_hosts:vars]
xen_memory=2048

[iscsi_target]
target address=192.0.2.3

[all:vars]
lab_name=lab
`;

/** What a user reads before a run of `site.yml` is begun. */
function told(site: string, files: Files = {}, extraVars: Readonly<Record<string, unknown>> = {}): string {
  const all: Files = { 'site.yml': site, ...files };
  const readFile = reader(all);
  const { playbook, diagnostics } = loadPlaybook('site.yml', { readFile, modules: SAMPLE_MODULES });
  if (!playbook || diagnostics.length > 0) throw new Error(diagnostics.map(({ message }) => message).join('\n'));
  const { inventory } = parseInventory(LAB, 'lab.ini');
  return checkPlaybook(playbook, { inventory, modules: SAMPLE_MODULES, extraVars, readFile })
    .map((diagnostic) => formatDiagnostic(diagnostic, (file) => all[file]))
    .join('\n');
}

const inTasks = (tasks: string, files: Files = {}) => told(`- hosts: all\n  tasks:\n${indented(tasks, 4)}`, files);

describe('variables that there are not', () => {
  test('in a parameter, a name, a condition, a loop', () => {
    expect(
      inTasks(
        '- name: say {{greting}}\n  debug: { msg: "{{nmae}}" }\n  when: [lab_nmae == "a", true]\n  loop: "{{lsit}}"',
      ),
    ).toMatchInlineSnapshot(`
      "site.yml:3:19: variable "greting" is not defined [E_UNDEFINED_VARIABLE]
          3 |     - name: say {{greting}}
            |                   ^^^^^^^
      site.yml:4:24: variable "nmae" is not defined [E_UNDEFINED_VARIABLE]
          4 |       debug: { msg: "{{nmae}}" }
            |                        ^^^^
      site.yml:5:14: variable "lab_nmae" is not defined [E_UNDEFINED_VARIABLE]
          5 |       when: [lab_nmae == "a", true]
            |              ^^^^^^^^
        hint: did you mean "lab_name"?
      site.yml:6:16: variable "lsit" is not defined [E_UNDEFINED_VARIABLE]
          6 |       loop: "{{lsit}}"
            |                ^^^^
        hint: did you mean "omit"?"
    `);
  });

  test('in each other place of a task', () => {
    const task = `- debug: { msg: a }
  become: "{{v1}}"
  become_user: "{{v2}}"
  delegate_to: "{{v3}}"
  environment: { A: "{{v4}}" }
  vars: { x: "{{v5}}" }
  timeout: "{{v6}}"
  until: v7
  retries: "{{v8}}"
  delay: "{{v9}}"
  changed_when: va
  failed_when: [vb]
  notify: "{{vc}}"
  no_log: "{{vd}}"
  ignore_errors: "{{ve}}"
  check_mode: "{{vf}}"
  run_once: "{{vg}}"
  any_errors_fatal: "{{vh}}"
  ignore_unreachable: "{{vi}}"
  loop: [1]
  loop_control: { label: "{{vj}}", pause: "{{vk}}" }`;
    const names = [...inTasks(task).matchAll(/variable "(\w+)" is not defined/g)].map(([, name]) => name);
    expect(names.toSorted()).toEqual([...'123456789abcdefghijk'].map((letter) => `v${letter}`));
  });

  test('in a play', () => {
    expect(
      told('- hosts: "{{targt}}"\n  vars: { a: "{{b}}", c: "{{a}}" }\n- hosts: all\n  vars_files: ["{{d}}.yml"]\n'),
    ).toMatchInlineSnapshot(`
      "site.yml:1:13: variable "targt" is not defined [E_UNDEFINED_VARIABLE]
          1 | - hosts: "{{targt}}"
            |             ^^^^^
        hint: only extra variables are known here: --extra-vars name=value
      site.yml:2:17: variable "b" is not defined [E_UNDEFINED_VARIABLE]
          2 |   vars: { a: "{{b}}", c: "{{a}}" }
            |                 ^
        hint: did you mean "a"?
      site.yml:4:19: variable "d" is not defined [E_UNDEFINED_VARIABLE]
          4 |   vars_files: ["{{d}}.yml"]
            |                   ^
        hint: only extra variables are known here: --extra-vars name=value"
    `);
  });

  test('in the hosts of a play and the names of its files only extra variables are known', () => {
    const play =
      '- hosts: "{{where}}"\n  vars: { what: a }\n  vars_files: ["{{what}}.yml"]\n  tasks: [{ debug: { msg: "{{a}}" } }]\n';
    expect(told(play, { 'b.yml': 'a: 1\n' }, { where: 'all', what: 'b' })).toBe('');
    expect(told(play, {}, { where: 'xen_hots', what: 'b' }).match(/\[E_\w+\]/g)).toEqual([
      '[E_PATTERN]',
      '[E_NO_FILE]',
    ]);
  });

  test('in a file of variables and in a template file, at their own places', () => {
    expect(
      told('- hosts: all\n  vars_files: [vars/a.yml]\n  tasks:\n    - template: { src: motd.hbs, dest: /etc/motd }\n', {
        'vars/a.yml': 'a: 1\nb: "x {{aa}}"\n',
        'templates/motd.hbs': 'a\n{{#if lab_nmae}}\n{{b}}\n{{/if}}\n',
      }),
    ).toMatchInlineSnapshot(`
      "vars/a.yml:2:9: variable "aa" is not defined [E_UNDEFINED_VARIABLE]
          2 | b: "x {{aa}}"
            |         ^^
        hint: did you mean "a"?
      templates/motd.hbs:2:7: variable "lab_nmae" is not defined [E_UNDEFINED_VARIABLE]
          2 | {{#if lab_nmae}}
            |       ^^^^^^^^
        hint: did you mean "lab_name"?"
    `);
  });

  test('facts by their names in Ansible', () => {
    expect(
      inTasks(
        '- debug: { msg: "{{ansible_distribution}} {{ansible_facts.kernel}}" }\n  when: ansible_os_family == "RedHat"',
      ),
    ).toMatchInlineSnapshot(`
      "site.yml:3:24: variable "ansible_distribution" is not defined [E_UNDEFINED_VARIABLE]
          3 |     - debug: { msg: "{{ansible_distribution}} {{ansible_facts.kernel}}" }
            |                        ^^^^^^^^^^^^^^^^^^^^
        hint: write facts.os.id
      site.yml:3:49: variable "ansible_facts" is not defined [E_UNDEFINED_VARIABLE]
          3 |     - debug: { msg: "{{ansible_distribution}} {{ansible_facts.kernel}}" }
            |                                                 ^^^^^^^^^^^^^^^^^^^^
        hint: write facts.kernel
      site.yml:4:13: variable "ansible_os_family" is not defined [E_UNDEFINED_VARIABLE]
          4 |       when: ansible_os_family == "RedHat"
            |             ^^^^^^^^^^^^^^^^^
        hint: write facts.os.family"
    `);
  });

  test('True, in the place of true', () => {
    expect(inTasks('- debug: { msg: a }\n  when: lab_name == True')).toMatchInlineSnapshot(`
      "site.yml:4:25: variable "True" is not defined [E_UNDEFINED_VARIABLE]
          4 |       when: lab_name == True
            |                         ^^^^
        hint: write true"
    `);
  });

  test('are not those that a text allows to be missing', () => {
    expect(
      inTasks(
        '- debug: { msg: "{{default nothing lab_name}}" }\n  when: "!defined(nothing) || default(nothing, 1) == 1"',
      ),
    ).toBe('');
  });
});

describe('a variable is known', () => {
  test.each([
    ['from the inventory, of a host or a group', '- debug: { msg: "{{lab_name}} {{address}}" }'],
    [
      'when bench gives it',
      '- debug: { msg: "{{inventory_hostname}} {{join group_names}} {{facts.os.id}} {{playbook_dir}} {{bench.version}}" }\n  when: ansible_check_mode',
    ],
    [
      'from vars of the task, of its block, and from its loop',
      '- vars: { a: 1 }\n  block:\n    - debug: { msg: "{{a}}{{b}}{{item}}{{n}}" }\n      vars: { b: "{{a}}" }\n      loop: [1]\n      loop_control: { index_var: n }',
    ],
    [
      'under the name that the loop gives',
      '- debug: { msg: "{{disk}}" }\n  loop: [1]\n  loop_control: { loop_var: disk }',
    ],
    [
      'when any task registers it',
      '- command: a\n  register: r\n  changed_when: r.rc == 0\n- debug: { msg: "{{r.stdout}}" }',
    ],
    ['when set_fact sets it', '- set_fact: { answer: 42 }\n- debug: { msg: "{{answer}}" }'],
    [
      'in a rescue, of what failed',
      '- block: [{ command: a }]\n  rescue: [{ debug: { msg: "{{ansible_failed_task.name}}" } }]',
    ],
    ['when omit is meant', '- debug: { msg: "{{omit}}" }'],
  ])('%s', (_where, tasks) => {
    expect(inTasks(tasks)).toBe('');
  });

  test('when it is an extra variable, one of a file, or one of the play', () => {
    const play =
      '- hosts: all\n  vars: { p: 1 }\n  vars_files: [a.yml]\n  tasks:\n    - debug: { msg: "{{p}}{{f}}{{e}}" }\n';
    expect(told(play, { 'a.yml': 'f: 1\n' }, { e: 1 })).toBe('');
    expect(told(play, { 'a.yml': 'f: 1\n' })).toContain('variable "e"');
  });

  test('only on the hosts that have it', () => {
    expect(told('- hosts: iscsi_target\n  tasks: [{ debug: { msg: "{{xen_memory}}" } }]\n')).toContain(
      'variable "xen_memory"',
    );
    expect(told('- hosts: xen_hosts\n  tasks: [{ debug: { msg: "{{xen_memory}}" } }]\n')).toBe('');
  });

  test('inside an include when the include or its loop gives it', () => {
    expect(
      told('- hosts: all\n  tasks:\n    - include_tasks: a.yml\n      loop: [1]\n      vars: { v: 2 }\n', {
        'a.yml': '- debug: { msg: "{{item}} {{v}} {{w}}" }\n',
      }),
    ).toMatch(/^a.yml:1:\d+: variable "w" is not defined[^[]*\[E_UNDEFINED_VARIABLE\]/);
  });

  test('perhaps, once a file is taken in whose name comes late', () => {
    expect(inTasks('- include_tasks: "{{lab_name}}.yml"\n- debug: { msg: "{{whatever}}" }')).toBe('');
  });
});

describe('what else shows before any host is asked', () => {
  test('a pattern that means no host', () => {
    expect(told('- hosts: xen_hots\n')).toMatchInlineSnapshot(`
      "site.yml:1:10: there is no host and no group "xen_hots" [E_PATTERN]
          1 | - hosts: xen_hots
            |          ^^^^^^^^
        hint: did you mean "xen_hosts"?"
    `);
  });

  test('groups and hosts that the inventory has not', () => {
    expect(
      inTasks(
        '- debug: { msg: "{{join groups.xen_hots}} {{hostvars.xen9.address}}" }\n  when: size(groups.kvm_hosts) > 0\n  delegate_to: targt',
      ),
    ).toMatchInlineSnapshot(`
      "site.yml:3:29: the inventory has no group "xen_hots" [E_UNKNOWN_GROUP]
          3 |     - debug: { msg: "{{join groups.xen_hots}} {{hostvars.xen9.address}}" }
            |                             ^^^^^^^^^^^^^^^
        hint: did you mean "xen_hosts"?
      site.yml:3:49: the inventory has no host "xen9" [E_UNKNOWN_HOST]
          3 |     - debug: { msg: "{{join groups.xen_hots}} {{hostvars.xen9.address}}" }
            |                                                 ^^^^^^^^^^^^^^^^^^^^^
        hint: did you mean "xen1"?
      site.yml:4:18: the inventory has no group "kvm_hosts" [E_UNKNOWN_GROUP]
          4 |       when: size(groups.kvm_hosts) > 0
            |                  ^^^^^^
        hint: where it may be missing: default(groups.kvm_hosts, [])
      site.yml:5:20: the inventory has no host "targt" [E_UNKNOWN_HOST]
          5 |       delegate_to: targt
            |                    ^^^^^
        hint: did you mean "target"?"
    `);
    expect(inTasks('- debug: { msg: a }\n  when: default(groups.kvm_hosts, []) == [] && "kvm_hosts" in groups')).toBe(
      '',
    );
  });

  test('the controller itself, where the inventory does not name it', () => {
    expect(inTasks('- debug: { msg: a }\n  delegate_to: localhost')).toMatchInlineSnapshot(`
      "site.yml:4:20: the inventory has no host "localhost" [E_UNKNOWN_HOST]
          4 |       delegate_to: localhost
            |                    ^^^^^^^^^
        hint: add a line to the inventory: localhost ansible_connection=local"
    `);
  });

  test('templates and conditions that cannot be read', () => {
    expect(
      inTasks('- debug: { msg: "{{ lab_name | upper }}" }\n  when: lab_name is defined and lab_name == "a"'),
    ).toMatchInlineSnapshot(`
      "site.yml:3:22: {{ lab_name | upper }} is not Handlebars [E_TEMPLATE_SYNTAX]
          3 |     - debug: { msg: "{{ lab_name | upper }}" }
            |                      ^^^^^^^^^^^^^^^^^^^^^^
        hint: write {{upper lab_name}}: the helper stands first
      site.yml:4:22: condition is not CEL: "is" cannot stand here [E_CONDITION_SYNTAX]
          4 |       when: lab_name is defined and lab_name == "a"
            |                      ^^
        hint: write defined(lab_name) && lab_name == "a""
    `);
  });

  test('parameters that are conditions, in every form that the module takes', () => {
    expect(
      inTasks(
        '- assert: { that: lab_name = "a" }\n- assert: { that: ["lab_name == \\"a\\"", lab_nmae == "a"] }\n- debug: { var: addres }',
      ),
    ).toMatchInlineSnapshot(`
      "site.yml:3:32: condition is not CEL: "=" cannot stand here [E_CONDITION_SYNTAX]
          3 |     - assert: { that: lab_name = "a" }
            |                                ^
        hint: write lab_name == "a"
      site.yml:4:45: variable "lab_nmae" is not defined [E_UNDEFINED_VARIABLE]
          4 |     - assert: { that: ["lab_name == \\"a\\"", lab_nmae == "a"] }
            |                                             ^^^^^^^^
        hint: did you mean "lab_name"?
      site.yml:5:21: variable "addres" is not defined [E_UNDEFINED_VARIABLE]
          5 |     - debug: { var: addres }
            |                     ^^^^^^
        hint: did you mean "address"?"
    `);
  });

  test('files that are not there', () => {
    expect(
      inTasks('- copy: { src: motd, dest: /etc/motd }\n- template: { src: motd.hbs, dest: /etc/motd }'),
    ).toMatchInlineSnapshot(`
      "site.yml:3:20: there is no file "motd" for this task [E_NO_FILE]
          3 |     - copy: { src: motd, dest: /etc/motd }
            |                    ^^^^
        hint: looked for files/motd, motd, ../files/motd
      site.yml:4:24: there is no template "motd.hbs" for this task [E_NO_FILE]
          4 |     - template: { src: motd.hbs, dest: /etc/motd }
            |                        ^^^^^^^^
        hint: looked for templates/motd.hbs, motd.hbs, ../templates/motd.hbs"
    `);
    expect(
      inTasks('- copy: { src: "{{lab_name}}", dest: /etc/motd }\n- copy: { src: motd, dest: /a }', {
        'files/motd': '',
      }),
    ).toBe('');
  });

  test('files of variables that are not there, or are none', () => {
    expect(
      told('- hosts: all\n  vars_files: [gone.yml, list.yml, bad.yml]\n', { 'list.yml': '- 1\n', 'bad.yml': 'a: "\n' }),
    ).toMatchInlineSnapshot(`
      "site.yml:2:16: there is no file "gone.yml" [E_NO_FILE]
          2 |   vars_files: [gone.yml, list.yml, bad.yml]
            |                ^^^^^^^^
        hint: looked for gone.yml
      list.yml:1:1: a file of variables is a mapping, got a list [E_WRONG_TYPE]
          1 | - 1
            | ^
        hint: write name: value
      bad.yml:2:1: not valid YAML: deficient indentation [E_YAML]
          2 | 
            | ^
        hint: look above for a quote or a bracket that is not closed"
    `);
  });

  test('a template inside a block scalar, at its line and column', () => {
    expect(inTasks('- command: |\n    echo one\n    echo "{{nmae}}"')).toMatchInlineSnapshot(`
      "site.yml:5:17: variable "nmae" is not defined [E_UNDEFINED_VARIABLE]
          5 |         echo "{{nmae}}"
            |                 ^^^^"
    `);
  });

  test('everything at once, each thing once', () => {
    const files = { 'a.yml': '- debug: { msg: "{{x}}" }\n- debug: { msg: "{{y}}" }\n' };
    const text = told(
      '- hosts: all\n  tasks: [{ import_tasks: a.yml }]\n- hosts: all\n  tasks: [{ import_tasks: a.yml }]\n',
      files,
    );
    expect(text.match(/^a\.yml:\d/gm)).toEqual(['a.yml:1', 'a.yml:2']);
  });
});
