import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';

const everything = Symbol('every folder');

/** What each folder of `src/` may import: the table in src/README.md. */
const layers: Readonly<Record<string, readonly string[] | typeof everything>> = {
  core: [],
  contract: ['core'],
  inventory: ['core', 'contract'],
  playbook: ['core', 'contract'],
  template: ['core', 'contract'],
  connection: ['core', 'contract'],
  facts: ['core', 'contract'],
  hypervisor: ['core', 'contract'],
  storage: ['core', 'contract'],
  modules: ['core', 'contract', 'facts', 'hypervisor', 'storage'],
  engine: ['core', 'contract', 'inventory', 'playbook', 'template'],
  measure: ['core', 'contract', 'hypervisor'],
  workloads: ['core', 'contract'],
  sweep: ['core', 'contract', 'engine', 'measure', 'workloads'],
  lab: ['core', 'contract', 'connection'],
  store: ['core', 'contract'],
  report: ['core', 'contract', 'store'],
  output: ['core', 'contract'],
  cli: everything,
};

const files = readdirSync('src', { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

describe('every source file', () => {
  test.each(files)('%s imports only what its layer may', (file) => {
    const [folder = ''] = file.split('/');
    const allowed = layers[folder];
    expect(allowed, `src/${folder} has no row in the table of layers`).toBeDefined();
    if (!allowed || allowed === everything) return;
    const wrong = importsOf(file).filter((imported) => imported !== folder && !allowed.includes(imported));
    expect(wrong).toEqual([]);
  });

  test.each(files)('%s is at most 300 lines long', (file) => {
    expect(read(file).split('\n').length).toBeLessThanOrEqual(301);
  });

  test.each(files.filter((file) => !file.startsWith('cli/')))(
    '%s leaves process, console and the clock to cli/',
    (file) => {
      const code = read(file).replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`/g, '');
      expect(code).not.toMatch(/\bprocess\.|\bconsole\.|\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b/);
    },
  );
});

test.each(files.filter((file) => /^(core|contract)\//.test(file)))('%s does no input or output', (file) => {
  expect(read(file)).not.toMatch(
    /from 'node:(fs|net|child_process|http|https|dgram|os|readline|stream|tls|worker_threads)/,
  );
});

test.each(files.filter((file) => file.startsWith('engine/')))('%s knows no module', (file) => {
  expect(importsOf(file)).not.toContain('modules');
});

function read(file: string): string {
  return readFileSync(join('src', file), 'utf8');
}

/** Folders of `src/` that a file imports from. */
function importsOf(file: string): string[] {
  const imports = read(file).matchAll(/(?:from|import\()\s*'(\.[^']+)'/g);
  return [...imports].map(([, path = '']) => normalize(join(dirname(file), path)).split('/')[0] ?? '');
}
