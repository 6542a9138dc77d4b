import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EXIT } from '../../src/cli/exit-code.ts';
import { createProgram } from '../../src/cli/program.ts';
import { bench, folder } from './bench.ts';

const README = readFileSync(new URL('../../README.md', import.meta.url), 'utf8');

function example(language: string): string {
  return new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(README)?.[1] ?? '';
}

test('the inventory and the playbook of the README fit each other and have no mistake', async () => {
  const directory = folder({ 'lab.ini': example('ini'), 'site.yml': example('yaml') });
  const { code, stdout, stderr } = await bench(directory, ['lint', 'site.yml', '-i', 'lab.ini']);
  expect({ code, stdout, stderr }).toEqual({ code: 0, stdout: '1 play in 1 file, nothing wrong\n', stderr: '' });
});

test('the README names every command and every exit code', () => {
  for (const command of createProgram().commands) expect(README).toContain(`bench ${command.name()} `);
  for (const code of Object.values(EXIT)) expect(README).toContain(`\n| ${code} | `);
});
