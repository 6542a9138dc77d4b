import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'vitest';
import { bench, folder, LOCAL, PROGRAM, playbook, start, startCommand } from './bench.ts';

const shell = (directory: string, script: string) =>
  startCommand(directory, ['sh', '-c', script, 'sh', process.execPath, PROGRAM]).ended;

test.concurrent('a reader that goes away ends nothing: no stack, and the run goes on to its end', async ({
  expect,
}) => {
  const directory = folder({ 'lab.ini': LOCAL, 'site.yml': playbook('command: "true"', 'shell: touch DIR/last') });
  writeFileSync(join(directory, 'site.yml'), playbook('command: "true"', `shell: touch ${directory}/last`));
  const listed = await shell(directory, '{ "$1" "$2" doc; echo "code $?" >&2; } | head -1');
  expect(listed.stdout).toMatch(/^assert .*\n$/);
  expect(listed.stderr).toBe('code 0\n');
  const ran = await shell(directory, '{ "$1" "$2" run site.yml -i lab.ini -v; echo "code $?" >&2; } | head -1');
  expect(ran.stderr).toBe('code 0\n');
  expect(existsSync(join(directory, 'last'))).toBe(true);
});

test.concurrent('an output that is full is told once, with an exit code', async ({ expect }) => {
  const { stderr } = await shell(folder(), '"$1" "$2" doc >/dev/full; echo "code $?" >&2');
  expect(stderr).toBe('cannot write the output: ENOSPC: no space left on device, write [E_OUTPUT]\ncode 2\n');
});

test.concurrent('without a terminal there are plain lines: no colours, no cursor', async ({ expect }) => {
  const directory = folder({ 'lab.ini': LOCAL, 'site.yml': playbook('command: "true"', 'command: "false"') });
  for (const form of [[], ['--output', 'view']]) {
    const { stdout, stderr } = await bench(directory, ['run', 'site.yml', '-i', 'lab.ini', ...form]);
    expect(stdout + stderr).not.toContain('\u001B');
  }
});

test.concurrent('a .bench that cannot be written is told before a host is touched', async ({ expect }) => {
  const directory = folder({ 'lab.ini': LOCAL, '.bench': 'a file' });
  writeFileSync(join(directory, 'site.yml'), playbook(`shell: touch ${directory}/touched`));
  const { code, stdout, stderr } = await bench(directory, ['run', 'site.yml', '-i', 'lab.ini']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr.replaceAll(directory, 'DIR')).toMatchInlineSnapshot(`
    "cannot write DIR/.bench: EEXIST: file already exists, mkdir 'DIR/.bench' [E_STORE]
      hint: bench keeps its runs in DIR/.bench: ls -ld DIR/.bench
    "
  `);
  expect(existsSync(join(directory, 'touched'))).toBe(false);
});

test.concurrent('a read-only .bench shows its runs and takes no new one', async ({ expect }) => {
  const directory = folder({ 'lab.ini': LOCAL, 'site.yml': playbook('command: "true"') });
  // Root may write anywhere: as root, bench runs as somebody else.
  const isRoot = process.getuid?.() === 0;
  const options = isRoot ? { uid: 65_534, environment: { HOME: directory, NODE_DISABLE_COMPILE_CACHE: '1' } } : {};
  chmodSync(directory, 0o777);
  const args = ['run', 'site.yml', '-i', 'lab.ini'];
  expect((await bench(directory, args, options)).code).toBe(0);
  chmodSync(join(directory, '.bench'), 0o555);
  chmodSync(join(directory, '.bench/runs'), 0o555);
  const again = await bench(directory, args, options);
  expect(again.code).toBe(2);
  expect(again.stderr).toContain('EACCES: permission denied');
  expect(again.stderr).toContain('[E_STORE]');
  expect((await bench(directory, ['runs'], options)).stdout).toContain('bench run site.yml -i lab.ini\n');
  chmodSync(join(directory, '.bench'), 0o755);
  chmodSync(join(directory, '.bench/runs'), 0o755);
});

test.concurrent('a disk that is full in the middle of a run stops it with a word, not with a stack', async ({
  expect,
}) => {
  const tasks = Array.from(
    { length: 40 },
    (_, index) => `{ name: "task ${index}", command: "echo ${'x'.repeat(200)}" }`,
  );
  const directory = folder({ 'lab.ini': LOCAL, 'site.yml': playbook(...tasks) });
  // A limit of the size of files says no as a full disk does.
  const { stderr } = await shell(
    directory,
    'trap "" XFSZ; ulimit -f 16; "$1" "$2" run site.yml -i lab.ini >/dev/null; echo "code $?" >&2',
  );
  expect(stderr).toContain('EFBIG');
  expect(stderr).toContain('[E_STORE]');
  expect(stderr).toContain('code 2\n');
  expect(stderr).not.toMatch(/^\s+at /m);
});

test.concurrent('two operators: the second is told who is at work', async ({ expect }) => {
  const directory = folder({ 'lab.ini': LOCAL, 'site.yml': playbook('shell: echo begun; exec sleep 300') });
  const first = start(directory, ['run', 'site.yml', '-i', 'lab.ini', '-l', 'h1', '-vv']);
  await first.said('begun');
  const { code, stderr } = await bench(directory, ['run', 'site.yml', '-i', 'lab.ini']);
  expect(code).toBe(2);
  expect(stderr).toContain(`: bench run site.yml -i lab.ini -l h1 -vv (process ${first.child.pid}) [E_LOCKED]`);
  expect(stderr).toContain('hint: wait for it');
  first.child.kill('SIGTERM');
  expect((await first.ended).code).toBe(130);
});

test.concurrent('questions without anybody to answer them', async ({ expect }) => {
  const directory = folder({ 'lab.ini': LOCAL, 'site.yml': playbook('command: "true"') });
  const ask = await bench(directory, ['run', 'site.yml', '-i', 'lab.ini', '--ask-become-pass']);
  expect(ask.code).toBe(2);
  expect(ask.stderr).toContain('standard input has ended [E_NO_ANSWER]');
  const step = await bench(directory, ['run', 'site.yml', '-i', 'lab.ini', '--step'], { stdin: 'y\n' });
  expect(step.code).toBe(0);
});
