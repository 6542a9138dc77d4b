import { describe, expect, test } from 'vitest';
import { type Ran, runTasks, type TasksSetup } from './harness.ts';

const SECRET = 'correct-horse';

/** Whatever a run shows of the secret, as one text: everything that consumers get. */
async function shownBy(tasks: string, more: TasksSetup = {}): Promise<{ readonly text: string; readonly ran: Ran }> {
  const ran = await runTasks(tasks, { ...more, engine: { extraVars: { secret: SECRET }, ...more.engine } });
  return { ran, text: JSON.stringify(ran.events) };
}

describe('no_log', () => {
  test.each([
    [
      'the output of a command',
      '- { name: one, shell: "echo {{secret}}; echo {{secret}} >&2", no_log: true }',
      'changed',
    ],
    ['the failure of a command', '- { name: one, shell: "echo {{secret}}; exit 1", no_log: true }', 'failed'],
    [
      'an ignored failure',
      '- { name: one, shell: "echo {{secret}}; exit 1", no_log: true, ignore_errors: true }',
      'failed',
    ],
    ['a diff', '- { name: one, copy: { dest: "{{dir}}/x", content: "{{secret}}" }, no_log: true }', 'changed'],
    [
      'a path that would be changed',
      '- { name: one, file: { path: "{{dir}}/{{secret}}", state: directory }, no_log: true }',
      'changed',
    ],
    ['a message', '- { name: one, debug: { msg: "{{secret}}" }, no_log: true }', 'ok'],
    ['what an action does', '- { name: one, wait_for: { path: "/{{secret}}", timeout: 0 }, no_log: true }', 'failed'],
    ['the labels of items', '- { name: one, command: "true", loop: ["{{secret}}"], no_log: true }', 'changed'],
    ['the item that failed', '- { name: one, command: "false", loop: ["{{secret}}"], no_log: true }', 'failed'],
    ['a loop that is no list', '- { name: one, command: "true", loop: "{{secret}}", no_log: true }', 'failed'],
    ['a keyword that does not fit', '- { name: one, command: "true", become: "{{secret}}", no_log: true }', 'failed'],
    [
      'a parameter that does not fit',
      '- { name: one, file: { path: "{{dir}}/x", mode: "{{secret}}" }, no_log: true }',
      'failed',
    ],
    [
      'the name of a handler that there is not',
      '- { name: one, command: "true", notify: "{{secret}}", no_log: true }',
      'failed',
    ],
    [
      'a condition that fails',
      `- { name: one, debug: { msg: x }, failed_when: 'secret.nothing == 1', no_log: true }`,
      'failed',
    ],
    [
      'what is retried',
      '- { name: one, shell: "echo {{secret}}; false", until: secret == "x", retries: 1, delay: 0, no_log: true }',
      'failed',
    ],
    ['what follows from a variable', '- { name: one, shell: "echo {{secret}}", no_log: "{{yes_it_is}}" }', 'changed'],
    [
      'everything where it cannot be read',
      '- { name: one, shell: "echo {{secret}}", no_log: "{{nothing}}" }',
      'failed',
    ],
  ])('hides %s', async (_what, tasks, status) => {
    const { text, ran } = await shownBy(tasks, { engine: { extraVars: { secret: SECRET, yes_it_is: true } } });
    expect(ran.outcome('one').status).toBe(status);
    expect(text).not.toContain(SECRET);
  });

  test('hides what a check would do', async () => {
    const { text, ran } = await shownBy(
      '- { name: one, command: "echo {{secret}}", no_log: true }\n- { name: two, assert: { that: secret == "x", fail_msg: "{{secret}}" }, no_log: true }',
      { engine: { mode: 'check', extraVars: { secret: SECRET } } },
    );
    expect(ran.log).toEqual(['a one: changed', 'a two: unknown']);
    expect(text).not.toContain(SECRET);
  });

  test('of a play and a block is handed down', async () => {
    const { text } = await shownBy('- block: [{ name: one, shell: "echo {{secret}}" }]\n  no_log: true');
    expect(text).not.toContain(SECRET);
  });

  test('leaves the code and the kind of a failure, and the result for other tasks', async () => {
    const { ran } = await shownBy(
      '- { name: one, shell: "echo {{secret}}; exit 1", no_log: true, register: it, ignore_errors: true }\n- { name: two, assert: { that: it.stdout == secret } }',
    );
    expect(ran.outcome('one')).toEqual({
      status: 'failed',
      failure: { code: 'E_COMMAND_FAILED', message: 'failed; no_log hides why' },
      isIgnored: true,
    });
    expect(ran.outcome('two').status).toBe('ok');
  });

  test('false shows it', async () => {
    const { text } = await shownBy('- { name: one, shell: "echo {{secret}}", no_log: false }');
    expect(text).toContain(SECRET);
  });
});
