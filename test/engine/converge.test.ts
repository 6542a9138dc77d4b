import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Session } from '../../src/contract/host.ts';
import { type Change, defineResource, runShell, run as runStep, textOf } from '../../src/contract/module.ts';
import { modules } from '../../src/modules/index.ts';
import { runTasks } from './harness.ts';

/** Wants a file to hold a text; `lies` says that it wrote it and did not. */
const word = defineResource({
  name: 'word',
  summary: 'Keep a word in a file.',
  params: z.strictObject({ path: z.string(), text: z.string(), lies: z.boolean().default(false) }),
  example: '{ path: /x, text: y }',
  probe: ({ path }) => [textOf(path)],
  read: ([file]) => file.text ?? '',
  plan: (state, { path, text, lies }): readonly Change[] =>
    state === text
      ? []
      : [
          {
            what: path,
            before: state,
            after: text,
            steps: [lies ? runStep('true') : runShell('printf %s "$1" >"$2"', text, path)],
          },
        ],
  result: (state) => ({ text: state }),
});
const table = [...modules, word];

describe('a state', () => {
  test('is reached in two round trips, and registers what is there afterwards', async () => {
    const ran = await runTasks(
      '- { name: one, word: { path: "{{dir}}/x", text: hello }, register: it }\n- { name: show, debug: { msg: "{{it.text}} {{it.changed}}" } }',
      { modules: table },
    );
    expect(ran.notes('show')).toEqual(['hello true']);
    expect(ran.roundTrips()).toBe(2);
  });

  test('that is not there after its steps is a failure that says what is missing, and what was done is kept', async () => {
    const ran = await runTasks('- { name: one, word: { path: "{{dir}}/x", text: hello, lies: true } }', {
      modules: table,
    });
    expect(ran.outcome('one')).toMatchObject({
      status: 'failed',
      failure: {
        code: 'E_NOT_CONVERGED',
        message: expect.stringMatching(/did not converge: .*\/x: is , should be hello/),
      },
    });
    expect(ran.result.hosts[0]?.changes).toMatchObject([{ before: '', after: 'hello' }]);
  });

  test('that two items of one loop want otherwise is planned again, and each has its turn', async () => {
    const ran = await runTasks('- { name: one, word: { path: "{{dir}}/x", text: "{{item}}" }, loop: [p, q] }', {
      modules: table,
    });
    expect(ran.read('x')).toBe('q');
    expect(ran.all('taskItem').map(({ outcome }) => outcome)).toMatchObject([
      { status: 'changed', changes: [{ before: '', after: 'p' }] },
      { status: 'changed', changes: [{ before: 'p', after: 'q' }] },
    ]);
    expect(ran.roundTrips()).toBe(3);
  });

  test('lines of one file are all there after a loop over them', async () => {
    const ran = await runTasks(
      '- { name: one, lineinfile: { path: "{{dir}}/x", line: "{{item}}", create: true }, loop: [p, q, r, q] }',
    );
    expect(ran.read('x')).toBe('p\nq\nr\n');
    expect(ran.all('taskItem').map(({ outcome }) => outcome.status)).toEqual(['changed', 'changed', 'changed', 'ok']);
  });

  test('lines of one file cost one round trip each, and what is sent does not grow with their square', async () => {
    const sentFor = async (count: number) => {
      let bytes = 0;
      const ran = await runTasks(
        `- { name: one, lineinfile: { path: "{{dir}}/x", line: "{{item}}", create: true }, loop: "{{range 0 ${count}}}" }`,
        {
          session: (_host, real) => ({
            ...real,
            close() {
              bytes = real.counters().sentBytes;
              return real.close();
            },
          }),
        },
      );
      expect(ran.roundTrips()).toBeLessThanOrEqual(count + 2);
      expect(ran.outcome('one').status).toBe('changed');
      return bytes;
    };
    expect(await sentFor(24)).toBeLessThan(5 * (await sentFor(6)));
  });

  test('that somebody else changes between asking and acting is planned on the new answer', async () => {
    const ran = await runTasks('- { name: one, word: { path: "{{dir}}/x", text: hello } }', {
      modules: table,
      session: (_host, real) => meddled(real, 1),
    });
    expect(ran.outcome('one')).toMatchObject({ status: 'changed', changes: [{ before: 'meddled 1', after: 'hello' }] });
    expect(ran.read('x')).toBe('hello');
  });

  test('that somebody else changes again and again is given up', async () => {
    const ran = await runTasks('- { name: one, word: { path: "{{dir}}/x", text: hello } }', {
      modules: table,
      session: (_host, real) => meddled(real, 100),
    });
    expect(ran.outcome('one')).toMatchObject({ status: 'failed', failure: { code: 'E_UNSTABLE' } });
    expect(ran.read('x')).not.toBe('hello');
  });

  test('whose step fails tells the command and what it said', async () => {
    const ran = await runTasks('- { name: one, word: { path: /proc/none/x, text: hello } }', { modules: table });
    expect(ran.outcome('one')).toMatchObject({
      failure: {
        code: 'E_STEP_FAILED',
        command: expect.stringContaining('printf'),
        exitCode: expect.any(Number),
        stderr: expect.stringContaining('/proc/none/x'),
      },
    });
  });
});

/** Before each of the first acts, the file that it is about is written by somebody else. */
function meddled(real: Session, times: number): Session {
  let done = 0;
  return {
    ...real,
    async exchange(frame, options) {
      const { privilege, signal } = options;
      for (const section of frame.sections) {
        const [probe] = section.kind === 'act' ? (section.guard?.probes ?? []) : [];
        if (probe?.kind !== 'text' || done >= times) continue;
        done += 1;
        const steps = [runShell('printf %s "$1" >"$2"', `meddled ${done}`, probe.path)];
        await real.exchange(
          { sections: [{ kind: 'act', steps, after: [], onFailure: 'stop' }] },
          { privilege, signal },
        );
      }
      return real.exchange(frame, options);
    },
  };
}
