import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bench, folder, LOCAL, playbook, type Running, stable, start } from './bench.ts';

/** Ends when no process of this machine has the number any more. */
async function isGone(pid: number): Promise<boolean> {
  const deadline = performance.now() + 5000;
  while (performance.now() < deadline) {
    const state = existsSync(`/proc/${pid}/stat`)
      ? readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ')[1]?.[0]
      : 'Z';
    if (state === 'Z') return true;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return false;
}

/** A run of one task that waits, with the process that waits. */
async function waitingRun(script: string): Promise<{ run: Running; directory: string; pid: number }> {
  const directory = folder({ 'lab.ini': LOCAL });
  const site = playbook(
    '{ name: quick, command: "true" }',
    `{ name: long, shell: "${script.replace('PID', `${directory}/pid`)}" }`,
    '{ name: later, command: "true" }',
  );
  writeFileSync(join(directory, 'site.yml'), site);
  const run = start(directory, ['run', 'site.yml', '-i', 'lab.ini', '-l', 'h1', '-vv']);
  await run.said('begun');
  return { run, directory, pid: Number(readFileSync(join(directory, 'pid'), 'utf8')) };
}

test('Ctrl-C stops cleanly: the command on the host is gone, what is undone is told, the run can be resumed', async () => {
  const { run, directory, pid } = await waitingRun('echo $$ > PID; echo begun; exec sleep 300');
  run.child.kill('SIGINT');
  const { code, stdout, stderr } = await run.ended;
  expect(code).toBe(130);
  expect(stderr).toContain('stopping; once more to stop at once');
  expect(stable(stdout)).toContain('interrupted');
  expect(stdout).toContain('not finished: h1: long');
  expect(await isGone(pid)).toBe(true);
  expect(existsSync(join(directory, '.bench/lock'))).toBe(false);
  const runs = await bench(directory, ['runs', 'latest']);
  expect(runs.stdout).toContain('not finished: h1: long');
});

test('a second Ctrl-C ends bench at once, although the command does not want to end', async () => {
  const { run, directory } = await waitingRun("trap '' TERM; echo $$ > PID; echo begun; sleep 20 & wait; sleep 20");
  run.child.kill('SIGINT');
  await run.said('stopping');
  const begin = performance.now();
  run.child.kill('SIGINT');
  expect((await run.ended).code).toBe(130);
  expect(performance.now() - begin).toBeLessThan(1500);
  // The lock of a process that is gone is taken over.
  expect((await bench(directory, ['run', 'site.yml', '-i', 'lab.ini', '-t', 'none'])).code).toBe(0);
});

test('a limit of the whole run stops it in the same way', async () => {
  const directory = folder({ 'lab.ini': LOCAL, 'site.yml': playbook('{ name: long, command: sleep 300 }') });
  const { code, stdout } = await bench(directory, ['run', 'site.yml', '-i', 'lab.ini', '--timeout', '500ms']);
  expect(code).toBe(130);
  expect(stdout).toContain('not finished: h1: long, h2: long, h3: long');
});

test('Ctrl-C ends a command of exec on its host, too', async () => {
  const directory = folder({ 'lab.ini': LOCAL });
  const script = `echo $$ > ${directory}/pid; exec sleep 300`;
  const run = start(directory, ['exec', 'lab.ini', 'h1', '--', 'sh', '-c', script]);
  const deadline = performance.now() + 10_000;
  while (!(existsSync(join(directory, 'pid')) && readFileSync(join(directory, 'pid'), 'utf8').endsWith('\n'))) {
    if (performance.now() > deadline) throw new Error('the command did not begin');
    await new Promise((resolve) => setImmediate(resolve));
  }
  run.child.kill('SIGINT');
  const { code, stderr } = await run.ended;
  expect(code).toBe(130);
  expect(stderr).toContain('interrupted');
  expect(await isGone(Number(readFileSync(join(directory, 'pid'), 'utf8')))).toBe(true);
});
