import { describe, expect, test } from 'vitest';
import { NO_ATTRIBUTES } from '../../src/playbook/attributes.ts';
import { loadPlaybook, loadTasks } from '../../src/playbook/load.ts';
import { load, playOf, problemsOf, reader, SAMPLE_MODULES } from './sample.ts';

describe('files that take in one another', () => {
  test('a playbook that imports itself is told with the way round', () => {
    expect(problemsOf('- import_playbook: ./site.yml\n')).toMatchInlineSnapshot(`
      "site.yml:1:20: "./site.yml" takes in itself: site.yml -> site.yml [E_INCLUDE_CIRCLE]
          1 | - import_playbook: ./site.yml
            |                    ^^^^^^^^^^"
    `);
  });

  test('so are tasks, over several files', () => {
    expect(
      problemsOf({
        'site.yml': '- hosts: all\n  tasks:\n    - import_tasks: tasks/a.yml\n',
        'tasks/a.yml': '- include_tasks: b.yml\n',
        'tasks/b.yml': '- import_tasks: a.yml\n',
      }),
    ).toMatchInlineSnapshot(`
      "tasks/b.yml:1:17: "a.yml" takes in itself: tasks/a.yml -> tasks/b.yml -> tasks/a.yml [E_INCLUDE_CIRCLE]
          1 | - import_tasks: a.yml
            |                 ^^^^^"
    `);
  });

  test('a chain of files has an end', () => {
    const files: Record<string, string> = { 'site.yml': '- hosts: all\n  tasks:\n    - import_tasks: t0.yml\n' };
    for (let index = 0; index < 50; index += 1) files[`t${index}.yml`] = `- import_tasks: t${index + 1}.yml\n`;
    expect(load(files).diagnostics.map(({ code, at }) => `${code} ${at?.file}`)).toEqual(['E_INCLUDE_DEPTH t30.yml']);
  });

  test('a file is looked for beside the one that names it, then beside the playbook', () => {
    const play = playOf({
      'site.yml': '- hosts: all\n  tasks:\n    - import_tasks: tasks/a.yml\n',
      'tasks/a.yml': '- import_tasks: b.yml\n- import_tasks: c.yml\n',
      'tasks/b.yml': '- command: near\n',
      'b.yml': '- command: far\n',
      'c.yml': '- command: beside the playbook\n',
    });
    expect(play.sections.tasks).toMatchObject([{ directory: 'tasks' }, { directory: '.' }]);
  });

  test('a missing file is told at its name, with where it was looked for', () => {
    expect(
      problemsOf({
        'site.yml': '- hosts: all\n  tasks:\n    - import_tasks: tasks/a.yml\n',
        'tasks/a.yml': '- include_tasks: gone.yml\n',
      }),
    ).toMatchInlineSnapshot(`
      "tasks/a.yml:1:18: there is no file "gone.yml" [E_NO_FILE]
          1 | - include_tasks: gone.yml
            |                  ^^^^^^^^
        hint: paths count from tasks, then from ."
    `);
  });

  test('a name that holds a template is left to the run for include_tasks, and refused for imports', () => {
    const [include] = playOf('- hosts: all\n  tasks:\n    - include_tasks: "{{facts.os.family}}.yml"\n').sections.tasks;
    expect(include).toMatchObject({ kind: 'include', entries: undefined });
    expect(
      problemsOf('- hosts: all\n  tasks:\n    - import_tasks: "{{os}}.yml"\n- import_playbook: "{{os}}.yml"\n'),
    ).toMatchInlineSnapshot(`
      "site.yml:3:21: import_tasks is read before any variable is known [E_WRONG_VALUE]
          3 |     - import_tasks: "{{os}}.yml"
            |                     ^^^^^^^^^^^^
        hint: use include_tasks
      site.yml:4:20: import_playbook is read before any variable is known [E_WRONG_VALUE]
          4 | - import_playbook: "{{os}}.yml"
            |                    ^^^^^^^^^^^^
        hint: name the file"
    `);
  });

  test('every file that was read is kept with its text', () => {
    const { playbook } = load({
      'site.yml': '- hosts: all\n  tasks:\n    - import_tasks: a.yml\n',
      'a.yml': '- debug:\n',
    });
    expect([...(playbook?.sources.keys() ?? [])]).toEqual(['site.yml', 'a.yml']);
  });

  test('handlers can be imported', () => {
    const play = playOf({
      'site.yml': '- hosts: all\n  tasks: [{ command: a, notify: h }]\n  handlers:\n    - import_tasks: h.yml\n',
      'h.yml': '- { name: h, command: b, listen: x }\n',
    });
    expect(play.handlers).toMatchObject([{ name: { text: 'h' }, listen: ['x'] }]);
  });
});

test('a playbook that cannot be read is one problem', () => {
  expect(load({})).toEqual({
    playbook: undefined,
    diagnostics: [{ code: 'E_NO_FILE', message: 'there is no file "site.yml"' }],
  });
  const readFile = () => {
    throw new Error('EACCES: permission denied');
  };
  expect(loadPlaybook('a.yml', { readFile, modules: SAMPLE_MODULES }).diagnostics[0]?.message).toBe(
    'cannot read "a.yml": EACCES: permission denied',
  );
});

describe('a file of tasks whose name came late', () => {
  const options = {
    readFile: reader({
      'lab/tasks/a.yml': '- debug: { msg: a }\n- import_tasks: b.yml\n',
      'lab/b.yml': '- coppy: {}\n',
    }),
    modules: SAMPLE_MODULES,
  };
  const include = { inherited: { ...NO_ATTRIBUTES, tags: ['t'] }, directory: 'lab' };

  test('gets what stands around the include, and is checked like any other', () => {
    const { entries, diagnostics } = loadTasks('lab/tasks/a.yml', options, include);
    expect(entries?.[0]).toMatchObject({ module: 'debug', directory: 'lab/tasks', attributes: { tags: ['t'] } });
    expect(diagnostics.map(({ code, at }) => `${at?.file} ${code}`)).toEqual(['lab/b.yml E_UNKNOWN_MODULE']);
  });

  test('is one problem when it is not there', () => {
    expect(loadTasks('lab/gone.yml', options, include)).toMatchObject({
      entries: undefined,
      diagnostics: [{ code: 'E_NO_FILE' }],
    });
  });
});
