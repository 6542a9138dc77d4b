import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import { modules } from '../../src/modules/index.ts';
import { bench, folder, LOCAL, playbook, stable } from './bench.ts';

test.concurrent('help names every command and the exit codes, in a hundred columns', async ({ expect }) => {
  const { code, stdout } = await bench(folder(), ['--help']);
  expect(code).toBe(0);
  for (const name of [
    'provision',
    'verify',
    'destroy',
    'rebuild',
    'run',
    'exec',
    'facts',
    'inventory',
    'doc',
    'lint',
    'runs',
    'lab',
  ]) {
    expect(stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
  }
  expect(stdout).toContain('2 bad input');
  expect(stdout.split('\n').filter((line) => line.length > 100)).toEqual([]);
});

test.concurrent('an inventory as a tree, in the shape of ansible-inventory, for one host, and where its variables come from', async ({
  expect,
}) => {
  const directory = folder({ 'lab.ini': `${LOCAL}[web:vars]\nport=80\n` });
  const of = async (...args: readonly string[]) => (await bench(directory, ['inventory', 'lab.ini', ...args])).stdout;
  expect(await of('--graph')).toMatchInlineSnapshot(`
    "@all:
      |--@ungrouped:
      |--@web:
      |  |--h1
      |  |--h2
      |  |--h3
    "
  `);
  expect(JSON.parse(await of('--json'))).toMatchObject({ web: { hosts: ['h1', 'h2', 'h3'] } });
  expect(JSON.parse(await of('--host', 'h2'))).toMatchObject({ port: 80, ansible_connection: 'local' });
  expect(await of('--host', 'h2', '--explain')).toContain('lab.ini:6');
});

test.concurrent('every module and every keyword is explained in a hundred columns', async ({ expect }) => {
  const directory = folder();
  const list = await bench(directory, ['doc']);
  const pages = [list.stdout, (await bench(directory, ['doc', '--keywords'])).stdout];
  for (const { name } of modules) expect(list.stdout).toMatch(new RegExp(`^${name} `, 'm'));
  for (const name of ['guest', 'copy', 'migrate']) pages.push((await bench(directory, ['doc', name])).stdout);
  expect(pages.flatMap((page) => page.split('\n')).filter((line) => line.length > 100)).toEqual([]);
  const schema = JSON.parse((await bench(directory, ['doc', 'service', '--json'])).stdout);
  expect(schema).toMatchObject({ type: 'object', required: ['name'], additionalProperties: false });
});

test.concurrent('facts for people and for programs', async ({ expect }) => {
  const directory = folder({ 'lab.ini': LOCAL });
  const [people, programs] = await Promise.all([
    bench(directory, ['facts', 'lab.ini', 'h1']),
    bench(directory, ['facts', 'lab.ini', 'web[0:1]', '--json']),
  ]);
  expect(people.stdout).toMatch(/^h1\n {2}name +\S/);
  expect(people.stdout).toMatch(/^ {2}memory +[\d ]+ MiB$/m);
  expect(Object.keys(JSON.parse(programs.stdout))).toEqual(['h1', 'h2']);
});

test.concurrent('a tag that stands nowhere is a warning with the nearest one', async ({ expect }) => {
  const directory = folder({ 'lab.ini': LOCAL, 'site.yml': playbook('{ command: "true", tags: [network] }') });
  const { code, stdout, stderr } = await bench(directory, ['run', 'site.yml', '-i', 'lab.ini', '--tags', 'netwrok']);
  expect(stderr).toBe('warning: no task has the tag "netwrok"; did you mean "network"?\n');
  expect({ code, stdout: stable(stdout) }).toMatchInlineSnapshot(`
    {
      "code": 0,
      "stdout": "bench run site.yml  lab.ini  3 hosts  run RUN

     - no task was due  TIME
    ",
    }
  `);
});

test.concurrent('a title that is too long for the screen puts the run on a line of its own', async ({ expect }) => {
  const name = `${'long-'.repeat(8)}name.yml`;
  const directory = folder({ 'lab.ini': LOCAL, [name]: playbook('{ command: "true", changed_when: false }') });
  const { stdout } = await bench(directory, ['run', name, '-i', 'lab.ini']);
  expect(
    stdout
      .split('\n')
      .slice(0, 2)
      .map((line) => stable(line)),
  ).toEqual([`bench run ${name}  lab.ini  3 hosts`, 'run RUN']);
});

test.concurrent('runs are listed, and one is shown with what failed and how to go on', async ({ expect }) => {
  const directory = folder({ 'lab.ini': LOCAL });
  expect((await bench(directory, ['runs'])).stdout).toBe('no runs are stored here\n');
  const site = playbook('{ name: fine, command: echo fine }', '{ name: broken, shell: "echo no space >&2; exit 7" }');
  writeFileSync(join(directory, 'site.yml'), site);
  expect((await bench(directory, ['run', 'site.yml', '-i', 'lab.ini', '-l', 'h1'])).code).toBe(1);
  const list = (await bench(directory, ['runs'])).stdout;
  expect(list).toMatch(
    /^\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d {2}failed +[\d.]+ m?s {2}1 change {2}bench run site.yml -i lab.ini -l h1\n$/,
  );
  const latest = stable((await bench(directory, ['runs', 'latest'])).stdout, directory);
  expect(latest).toMatch(/^run {11}RUN\ncommand {7}bench run site.yml -i lab.ini -l h1\nby {12}\S+@\S+ in DIR\n/);
  expect(latest).toContain(' ✖ h1  first: broken  site.yml:6  after');
  expect(latest).toContain('exit code 7: no space');
  expect(latest).toContain(' h1  changed 1  failed 1  at broken\n');
  expect(latest).toContain(' again from here:  bench run site.yml -i lab.ini -l h1 --resume\n');
  expect(latest).not.toContain('fine');
  const json = JSON.parse((await bench(directory, ['runs', 'latest', '--json'])).stdout);
  expect(json).toMatchObject({ status: 'failed', playbook: { file: 'site.yml' }, trials: [] });
  expect((await bench(directory, ['runs', 'latest', '-v'])).stdout).toContain('+ h1  fine');
});

test.concurrent('a secret of the command line does not reach the screen or the stored run', async ({ expect }) => {
  const directory = folder({ 'lab.ini': LOCAL, 'site.yml': playbook('shell: "echo {{ chap_password }}; exit 1"') });
  const args = ['run', 'site.yml', '-i', 'lab.ini', '-l', 'h1', '-e', 'chap_password=tr0ub4dor-3'];
  const { code, stdout, stderr } = await bench(directory, args);
  expect(code).toBe(1);
  expect(stdout + stderr).not.toContain('tr0ub4dor-3');
  expect(stdout).toContain('********');
  const runs = await bench(directory, ['runs', 'latest', '--json']);
  expect(runs.stdout).not.toContain('tr0ub4dor-3');
});
