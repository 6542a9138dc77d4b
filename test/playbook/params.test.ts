import { describe, expect, test } from 'vitest';
import { indented, load, problemsOf, taskOf } from './sample.ts';
import { toPlain } from '../../src/contract/yaml-node.ts';

function inTasks(tasks: string): string {
  return problemsOf(`- hosts: all\n  tasks:\n${indented(tasks, 4)}`);
}

describe('parameters that the schema does not take', () => {
  test('an unknown one, with the nearest known', () => {
    expect(inTasks('- file: { path: /srv, sate: absent }')).toMatchInlineSnapshot();
  });

  test('an unknown one inside a mapping of a list', () => {
    expect(inTasks('- guest:\n    name: g\n    size: small\n    disks:\n      - { path: /a, fromat: raw }')).toMatchInlineSnapshot();
  });

  test('a missing one, at the module', () => {
    expect(inTasks('- file: { state: absent }')).toMatchInlineSnapshot();
  });

  test('a missing one that stands there under another name', () => {
    expect(inTasks('- file: { pth: /srv }')).toMatchInlineSnapshot();
  });

  test('a wrong type, a word that is none of the known, and a rule of the schema', () => {
    expect(
      inTasks('- file: { path: 7, state: direcotry, mode: "rw", size_mib: "12" }\n- file: { path: /a, size_mib: 5000 }'),
    ).toMatchInlineSnapshot();
  });

  test('one that has several forms: the nearest form counts', () => {
    expect(inTasks('- guest: { name: g, size: { memory_mib: big } }\n- guest: { name: g, size: smal }\n- guest: { name: g, size: [1] }')).toMatchInlineSnapshot();
  });

  test('a rule about several parameters', () => {
    expect(inTasks('- copy: { dest: /a }')).toMatchInlineSnapshot();
  });

  test('a text where a mapping has to be', () => {
    expect(inTasks('- file: path=/srv state=directory\n- file: /srv\n- file: [a]')).toMatchInlineSnapshot();
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
    expect(inTasks('- guest: { name: g, size: { memory_mib: "{{m}}", cpus: 1 } }').match(/\[E_\w+\]/g)).toEqual(['[E_UNKNOWN_PARAMETER]']);
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
    expect(toPlain(taskOf('- file: { path: /a }\n  args: { state: absent }').args)).toEqual({ path: '/a', state: 'absent' });
  });

  test('args is checked and may not say again what stands there', () => {
    expect(inTasks('- command: ls\n  args: { chdri: /tmp, cmd: a }')).toMatchInlineSnapshot();
  });

  test('a module without parameters may stand alone', () => {
    expect(toPlain(taskOf('- debug:').args)).toEqual({});
  });
});

test('a position points at the value in the file that holds it', () => {
  const [problem] = load({
    'site.yml': '- hosts: all\n  tasks:\n    - import_tasks: a.yml\n',
    'a.yml': '- name: a\n  file:\n    path: /srv\n    state: gone\n',
  }).diagnostics;
  expect(problem?.at).toEqual({ file: 'a.yml', line: 4, column: 12, length: 4 });
});
