import { describe, expect, test } from 'vitest';
import { toPlain } from '../../src/contract/yaml-node.ts';
import { parseRendered } from '../../src/playbook/check-params.ts';
import { indented, load, problemsOf, SAMPLE_MODULES, taskOf } from './sample.ts';

function inTasks(tasks: string): string {
  return problemsOf(`- hosts: all\n  tasks:\n${indented(tasks, 4)}`);
}

describe('parameters that the schema does not take', () => {
  test('an unknown one, with the nearest known', () => {
    expect(inTasks('- file: { path: /srv, sate: absent }')).toMatchInlineSnapshot(`
      "site.yml:3:27: unknown parameter "sate" of file [E_UNKNOWN_PARAMETER]
          3 |     - file: { path: /srv, sate: absent }
            |                           ^^^^
        hint: did you mean "state"?"
    `);
  });

  test('an unknown one inside a mapping of a list', () => {
    expect(
      inTasks('- guest:\n    name: g\n    size: small\n    disks:\n      - { path: /a, fromat: raw }'),
    ).toMatchInlineSnapshot(`
      "site.yml:7:25: unknown parameter "fromat" of guest in "disks[0]" [E_UNKNOWN_PARAMETER]
          7 |           - { path: /a, fromat: raw }
            |                         ^^^^^^
        hint: did you mean "format"?"
    `);
  });

  test('a missing one, at the module', () => {
    expect(inTasks('- file: { state: absent }')).toMatchInlineSnapshot(`
      "site.yml:3:7: file needs the parameter "path" [E_MISSING_PARAMETER]
          3 |     - file: { state: absent }
            |       ^^^^
        hint: an example: file: { path: /srv, state: directory }"
    `);
  });

  test('a missing one that stands there under another name', () => {
    expect(inTasks('- file: { pth: /srv }')).toMatchInlineSnapshot(`
      "site.yml:3:15: unknown parameter "pth" of file [E_UNKNOWN_PARAMETER]
          3 |     - file: { pth: /srv }
            |               ^^^
        hint: did you mean "path"?"
    `);
  });

  test('a wrong type, a word that is none of the known, and a rule of the schema', () => {
    expect(
      inTasks(
        '- file: { path: 7, state: direcotry, mode: "rw", size_mib: "12" }\n- file: { path: /a, size_mib: 5000 }',
      ),
    ).toMatchInlineSnapshot(`
      "site.yml:3:21: "path" of file must be a text, got the number 7 [E_WRONG_PARAMETER]
          3 |     - file: { path: 7, state: direcotry, mode: "rw", size_mib: "12" }
            |                     ^
        hint: write it as a text: path: "7"
      site.yml:3:31: "state" of file must be one of file, directory, absent, got "direcotry" [E_WRONG_PARAMETER]
          3 |     - file: { path: 7, state: direcotry, mode: "rw", size_mib: "12" }
            |                               ^^^^^^^^^
        hint: did you mean "directory"?
      site.yml:3:48: "mode" of file: is no mode [E_WRONG_PARAMETER]
          3 |     - file: { path: 7, state: direcotry, mode: "rw", size_mib: "12" }
            |                                                ^^^^
      site.yml:3:64: "size_mib" of file must be a number, got "12" [E_WRONG_PARAMETER]
          3 |     - file: { path: 7, state: direcotry, mode: "rw", size_mib: "12" }
            |                                                                ^^^^
        hint: write it without quotes: 12
      site.yml:4:35: "size_mib" of file: too big: expected number to be <=1000 [E_WRONG_PARAMETER]
          4 |     - file: { path: /a, size_mib: 5000 }
            |                                   ^^^^"
    `);
  });

  test('one that has several forms: the nearest form counts', () => {
    expect(
      inTasks(
        '- guest: { name: g, size: { memory_mib: big } }\n- guest: { name: g, size: smal }\n- guest: { name: g, size: [1] }',
      ),
    ).toMatchInlineSnapshot(`
      "site.yml:3:45: "size.memory_mib" of guest must be a number, got "big" [E_WRONG_PARAMETER]
          3 |     - guest: { name: g, size: { memory_mib: big } }
            |                                             ^^^
      site.yml:4:31: "size" of guest must be one of small, large or a mapping, got "smal" [E_WRONG_PARAMETER]
          4 |     - guest: { name: g, size: smal }
            |                               ^^^^
        hint: did you mean "small"?
      site.yml:5:31: "size" of guest must be one of small, large or a mapping, got a list [E_WRONG_PARAMETER]
          5 |     - guest: { name: g, size: [1] }
            |                               ^"
    `);
  });

  test('a rule about several parameters', () => {
    expect(inTasks('- copy: { dest: /a }')).toMatchInlineSnapshot(`
      "site.yml:3:13: copy: give either "src" or "content" [E_WRONG_PARAMETER]
          3 |     - copy: { dest: /a }
            |             ^"
    `);
  });

  test('a text where a mapping has to be', () => {
    expect(inTasks('- file: path=/srv state=directory\n- file: /srv\n- file: [a]')).toMatchInlineSnapshot(`
      "site.yml:3:13: file takes a mapping of parameters, got "path=/srv state=directory" [E_WRONG_TYPE]
          3 |     - file: path=/srv state=directory
            |             ^^^^^^^^^^^^^^^^^^^^^^^^^
        hint: write { path: /srv, state: directory }
      site.yml:4:13: file takes a mapping of parameters, got "/srv" [E_WRONG_TYPE]
          4 |     - file: /srv
            |             ^^^^
        hint: an example: file: { path: /srv, state: directory }
      site.yml:5:13: file takes a mapping of parameters, got a list [E_WRONG_TYPE]
          5 |     - file: [a]
            |             ^
        hint: an example: file: { path: /srv, state: directory }"
    `);
  });
});

describe('values that hold templates', () => {
  test.each([
    'file: { path: "{{p}}", state: "{{s}}", mode: "{{m}}", recurse: "{{r}}", size_mib: "{{n}}" }',
    'guest: { name: "{{n}}", size: "{{s}}", disks: "{{d}}", labels: "{{l}}" }',
    'guest: { name: g, size: { memory_mib: "{{m}}" }, disks: ["{{d}}", { path: "{{p}}", format: "{{f}}" }] }',
    'copy: { src: "{{s}}", content: "{{c}}", dest: /a }',
  ])('pass wherever a text, number, boolean or list can come of them: %s', (task) => {
    expect(inTasks(`- ${task}`)).toBe('');
  });

  test('do not hide what is wrong beside them', () => {
    expect(inTasks('- file: { path: "{{p}}", sate: absent }').match(/\[E_\w+\]/g)).toEqual(['[E_UNKNOWN_PARAMETER]']);
    expect(inTasks('- guest: { name: g, size: { memory_mib: "{{m}}", cpus: 1 } }').match(/\[E_\w+\]/g)).toEqual([
      '[E_UNKNOWN_PARAMETER]',
    ]);
    expect(inTasks('- file: { state: "{{s}}" }').match(/\[E_\w+\]/g)).toEqual(['[E_MISSING_PARAMETER]']);
  });
});

describe('free form', () => {
  test('a text, a block and a number stand for the one parameter', () => {
    expect(toPlain(taskOf('- command: ls -l').args)).toEqual({ cmd: 'ls -l' });
    expect(toPlain(taskOf('- command: |\n    echo a\n    echo b').args)).toEqual({ cmd: 'echo a\necho b\n' });
    expect(toPlain(taskOf('- command: 5').args)).toEqual({ cmd: '5' });
  });

  test('args adds parameters, to a mapping too', () => {
    expect(toPlain(taskOf('- command: ls\n  args: { chdir: /tmp }').args)).toEqual({ cmd: 'ls', chdir: '/tmp' });
    expect(toPlain(taskOf('- file: { path: /a }\n  args: { state: absent }').args)).toEqual({
      path: '/a',
      state: 'absent',
    });
  });

  test('args is checked and may not say again what stands there', () => {
    expect(inTasks('- command: ls\n  args: { chdri: /tmp, cmd: a }')).toMatchInlineSnapshot(`
      "site.yml:4:15: unknown parameter "chdri" of command [E_UNKNOWN_PARAMETER]
          4 |       args: { chdri: /tmp, cmd: a }
            |               ^^^^^
        hint: did you mean "chdir"?
      site.yml:4:28: parameter "cmd" stands in "args" and in "command" [E_DUPLICATE_KEY]
          4 |       args: { chdri: /tmp, cmd: a }
            |                            ^^^
        hint: remove one of the two"
    `);
  });

  test('a module without parameters may stand alone', () => {
    expect(toPlain(taskOf('- debug:').args)).toEqual({});
  });
});

describe('values that were rendered', () => {
  const rendered = (yaml: string, values: unknown) => {
    const task = taskOf(yaml);
    const module = SAMPLE_MODULES.get(task.module);
    if (!module) throw new Error('no module');
    return parseRendered(values, { module, args: task.args, at: task.at });
  };

  test('come out as the module takes them', () => {
    expect(rendered('- file: { path: "{{p}}" }', { path: '/a' })).toEqual({
      params: { path: '/a', state: 'file' },
      diagnostics: [],
    });
  });

  test('that do not fit are told as they are, at the template that gave them', () => {
    const { diagnostics } = rendered('- file: { path: "{{p}}", state: "{{s}}", recurse: "{{r}}" }', {
      path: 5,
      state: 'gone',
      recurse: 'maybe',
    });
    expect(diagnostics.map(({ at, message }) => `${at?.column} ${message}`)).toEqual([
      '21 "path" of file must be a text, got the number 5',
      '37 "state" of file must be one of file, directory, absent, got "gone"',
      '55 "recurse" of file must be true or false, got "maybe"',
    ]);
  });

  test('inside one template are told at it', () => {
    const { diagnostics } = rendered('- guest: { name: g, size: small, disks: "{{d}}" }', {
      name: 'g',
      size: 'small',
      disks: [{ path: '/a', format: 'vdi' }],
    });
    expect(diagnostics.map(({ at, message }) => `${at?.column} ${message}`)).toEqual([
      '45 "disks[0].format" of guest must be one of raw, qcow2, got "vdi"',
    ]);
  });

  test('that were left out are missing', () => {
    expect(rendered('- file: { path: "{{omit}}" }', {}).diagnostics.map(({ message }) => message)).toEqual([
      'file needs the parameter "path"',
    ]);
  });
});

test('a position points at the value in the file that holds it', () => {
  const [problem] = load({
    'site.yml': '- hosts: all\n  tasks:\n    - import_tasks: a.yml\n',
    'a.yml': '- name: a\n  file:\n    path: /srv\n    state: gone\n',
  }).diagnostics;
  expect(problem?.at).toEqual({ file: 'a.yml', line: 4, column: 12, length: 4 });
});
