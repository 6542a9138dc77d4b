import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EXIT, exitCodeOf } from '../../src/cli/exit-code.ts';
import { reportError } from '../../src/cli/report-error.ts';
import { MissedMarkError } from '../../src/core/errors.ts';
import { bench, folder, LOCAL, playbook } from './bench.ts';

test.concurrent('0: a run that changes, one that finds nothing to do, one that only looks', async ({ expect }) => {
  const directory = folder({ 'lab.ini': LOCAL });
  const site = playbook(`copy: { content: "x", dest: "${directory}/{{ inventory_hostname }}.txt" }`);
  writeFileSync(`${directory}/site.yml`, site);
  const args = ['run', 'site.yml', '-i', 'lab.ini'];
  const look = await bench(directory, [...args, '--check']);
  const first = await bench(directory, args);
  const second = await bench(directory, args);
  expect([look.code, first.code, second.code]).toEqual([0, 0, 0]);
  expect(look.stdout).toContain('✔ 1 task on 3 hosts, 3 would change something; nothing was touched');
  expect(first.stdout).toContain('✔ 1 task on 3 hosts, 3 changed something');
  expect(second.stdout).toContain('✔ 1 task on 3 hosts, nothing to do');
  expect(second.stdout).toContain('the lab is as the playbooks say; the last change was ');
});

test.concurrent('1: a task failed, and the last line can be typed to go on from there', async ({ expect }) => {
  const directory = folder({ 'lab.ini': LOCAL, 'site.yml': playbook('command: "true"', 'shell: echo no >&2; exit 7') });
  const { code, stdout } = await bench(directory, ['run', 'site.yml', '-i', 'lab.ini', '-l', 'h1', '-e', 'note=a b']);
  expect(code).toBe(1);
  expect(stdout).toContain('exit code 7');
  expect(stdout).toContain(" again from here:  bench run site.yml -i lab.ini -l h1 -e 'note=a b' --resume\n");
});

test.concurrent('1: a command of exec failed on one host', async ({ expect }) => {
  const directory = folder({ 'lab.ini': LOCAL });
  const { code, stdout, stderr } = await bench(directory, [
    'exec',
    'lab.ini',
    'h1',
    '--',
    'sh',
    '-c',
    'echo hi; exit 3',
  ]);
  expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: 'h1 | hi\n', stderr: 'h1 ! exit code 3\n' });
});

test.concurrent('3: a host that cannot be reached, in a run, for exec and for facts', async ({ expect }) => {
  // Nothing listens on port 1 of this machine.
  const lab = '[far]\nx1 ansible_host=127.0.0.1 ansible_port=1 ansible_user=nobody\n';
  const directory = folder({ 'lab.ini': lab, 'site.yml': playbook('command: "true"') });
  const [run, exec, facts] = await Promise.all([
    bench(directory, ['run', 'site.yml', '-i', 'lab.ini']),
    bench(directory, ['exec', 'lab.ini', 'all', '--', 'true']),
    bench(directory, ['facts', 'lab.ini']),
  ]);
  expect([run.code, exec.code, facts.code]).toEqual([3, 3, 3]);
  expect(run.stdout).toContain('✖ 1 task on 1 host, 1 host not reached');
  expect(exec.stderr).toMatch(/^x1 ! .*127\.0\.0\.1/);
});

test('4 and the others, by the end of a run and by what was thrown', () => {
  const of = (status: Parameters<typeof exitCodeOf>[0]['status']) =>
    exitCodeOf({ status, hosts: [], undone: [], pendingHandlers: [] });
  expect(of('missedMark')).toBe(4);
  expect([of('done'), of('failed'), of('unreachable'), of('interrupted')]).toEqual([0, 1, 3, 130]);
  expect(EXIT.bug).toBe(70);
  expect(reportError(new MissedMarkError('nothing was captured'))).toBe(4);
});
