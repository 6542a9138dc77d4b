import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { folder, LOCAL, playbook, startCommand } from './bench.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

test('the package runs from built JavaScript alone, in a folder of its own', { timeout: 60_000 }, async () => {
  const directory = folder({ 'lab.ini': LOCAL });
  const installed = join(directory, 'node_modules/bench');
  mkdirSync(installed, { recursive: true });
  const built = spawnSync('sh', [join(ROOT, '.ci/build'), join(installed, 'dist')], { encoding: 'utf8' });
  expect(built.status, built.stdout + built.stderr).toBe(0);
  const { files }: { files: string[] } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  for (const name of ['package.json', ...files]) {
    if (name !== 'dist' && existsSync(join(ROOT, name)))
      cpSync(join(ROOT, name), join(installed, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(installed, 'node_modules'));
  expect(existsSync(join(installed, 'src'))).toBe(false);
  expect(existsSync(join(installed, 'dist/measure/observe.py'))).toBe(true);

  const bench = (...args: readonly string[]) =>
    startCommand(directory, [process.execPath, join(installed, 'bin/bench'), ...args]).ended;
  expect((await bench('--help')).stdout).toContain('Usage: bench ');
  expect((await bench('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  writeFileSync(join(directory, 'site.yml'), playbook(`copy: { content: x, dest: ${directory}/made }`));
  const ran = await bench('run', 'site.yml', '-i', 'lab.ini', '-l', 'h1');
  expect(ran, ran.stderr).toMatchObject({ code: 0 });
  expect(readFileSync(join(directory, 'made'), 'utf8')).toBe('x');
  // The laboratory's playbooks come with it.
  writeFileSync(join(directory, 'xen.ini'), 'h1 ansible_connection=local\n');
  const provision = await bench('provision', 'xen.ini', '--list-tasks');
  expect(provision.stderr).not.toContain('there is no playbook');
});
