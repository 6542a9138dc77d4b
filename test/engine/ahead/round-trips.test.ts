import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { writeJob } from '../../benchmark/job.ts';
import { type Ran, run, runTasks, type Setup } from '../harness.ts';

const folder = mkdtempSync(join(tmpdir(), 'bench-ahead-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The files of the benchmark's job, as the harness takes them. */
function jobFiles(tasks: number, gathersFacts = false): Readonly<Record<string, string>> {
  const farm = { directory: folder, hosts: [], keyFile: '', knownHosts: '', close: () => undefined };
  const { playbook } = writeJob(farm, tasks);
  const inside = (name: string) =>
    readdirSync(join(dirname(playbook), name)).map((file) => [
      `${name}/${file}`,
      readFileSync(join(dirname(playbook), name, file), 'utf8'),
    ]);
  const text = readFileSync(playbook, 'utf8').replace('gather_facts: false', `gather_facts: ${gathersFacts}`);
  return { 'site.yml': text, ...Object.fromEntries([...inside('templates'), ...inside('files')]) };
}

/** Two runs on one folder: what the second one finds is what the first one left. */
async function runTwice(setup: Setup): Promise<{ readonly fresh: Ran; readonly settled: Ran }> {
  const dir = mkdtempSync(join(folder, 'host-'));
  const both: Setup = { inventory: 'a\n', ...setup, engine: { ...setup.engine, extraVars: { dir } } };
  return { fresh: await run(both), settled: await run(both) };
}

const statuses = ({ log }: Ran) => new Set(log.map((line) => line.split(': ')[1]));

describe("the benchmark's job", () => {
  test.each([24, 240, 1000])('of %i tasks takes two round trips fresh and one with nothing to do', async (tasks) => {
    const { fresh, settled } = await runTwice({ playbook: jobFiles(tasks) });
    expect([statuses(fresh), statuses(settled)]).toEqual([new Set(['changed']), new Set(['ok'])]);
    expect([fresh.log.length, settled.log.length]).toEqual([tasks, tasks]);
    expect([fresh.roundTrips(), settled.roundTrips()]).toEqual([2, 1]);
  });

  test('takes no more where facts are gathered, as long as no task needs them', async () => {
    const { fresh, settled } = await runTwice({ playbook: jobFiles(24, true) });
    expect([fresh.roundTrips(), settled.roundTrips()]).toEqual([2, 1]);
    expect(settled.log[0]).toBe('a gather facts: ok');
  });

  test('one by one takes one for each task with nothing to do', async () => {
    const { settled } = await runTwice({ playbook: jobFiles(24), engine: { pace: 'oneByOne' } });
    expect(settled.roundTrips()).toBe(24);
  });
});

const file = (name: string) => `- { name: ${name}, file: { path: "{{dir}}/${name}", state: directory } }`;

describe('one more round trip', () => {
  test('is what a registered value costs that a later condition needs', async () => {
    const tasks = `${file('one')}
- { name: two, stat: { path: "{{dir}}/one" }, register: found }
${file('three')}
- { name: four, file: { path: "{{dir}}/four", state: directory }, when: found.stat.exists }
${file('five')}`;
    const { fresh, settled } = await runTwice({ playbook: playOf(tasks) });
    expect(settled.roundTrips()).toBe(2);
    expect(fresh.roundTrips()).toBe(4);
    expect(statuses(settled)).toEqual(new Set(['ok']));
  });

  test('is what a task costs that works on what another one has to make first', async () => {
    const tasks = `
- { name: one, copy: { dest: "{{dir}}/f", content: "x\\n", force: false } }
- { name: two, lineinfile: { path: "{{dir}}/f", line: y } }
${file('three')}`;
    const { fresh, settled } = await runTwice({ playbook: playOf(tasks) });
    expect([fresh.roundTrips(), settled.roundTrips()]).toEqual([3, 1]);
    expect(fresh.log).toEqual(['a one: changed', 'a two: changed', 'a three: changed']);
  });

  test('is what facts cost that the first task needs', async () => {
    const tasks = `- { name: one, file: { path: "{{dir}}/{{facts.os.id}}", state: directory } }\n${file('two')}`;
    const { settled } = await runTwice({
      playbook: playOf(tasks).replace('gather_facts: false', 'gather_facts: true'),
    });
    expect(settled.roundTrips()).toBe(2);
  });
});

describe('a loop', () => {
  test('of a hundred guarded commands takes at most two round trips', async () => {
    const { fresh, settled } = await runTwice({
      playbook: playOf(
        '- { name: one, command: { cmd: "touch {{dir}}/{{item}}", creates: "{{dir}}/{{item}}" }, loop: "{{range 0 100}}" }',
      ),
    });
    expect([fresh.roundTrips(), settled.roundTrips()]).toEqual([2, 1]);
  });
});

test('tasks that all change one file take one round trip each, and one to begin with', async () => {
  const lines = Array.from(
    { length: 60 },
    (_, index) => `- lineinfile: { path: "{{dir}}/f", line: l${index}, create: true }`,
  );
  const ran = await runTasks(lines.join('\n'));
  expect(ran.read('f')?.split('\n')).toHaveLength(61);
  expect(ran.roundTrips()).toBeLessThanOrEqual(61);
});

function playOf(tasks: string): string {
  const indented = tasks
    .trim()
    .split('\n')
    .map((line) => `    ${line}`);
  return `- hosts: all\n  gather_facts: false\n  tasks:\n${indented.join('\n')}\n`;
}
