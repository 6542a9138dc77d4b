import { existsSync, readdirSync } from 'node:fs';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { modules } from '../../src/modules/index.ts';

const names = modules.map(({ name }) => name);
// Files with a dash are not modules: a word in YAML has none.
const onDisk = readdirSync('src/modules')
  .filter((entry) => /^[a-z_]+\.ts$/.test(entry) && entry !== 'index.ts')
  .map((entry) => entry.slice(0, -'.ts'.length));

test('the registry is what is on disk, in the order of the alphabet', () => {
  expect(names).toEqual([...onDisk].sort());
});

describe.each(modules.map((module) => [module.name, module] as const))('%s', (_name, module) => {
  test('has a name that YAML and JavaScript can say', () => {
    expect(module.name).toMatch(/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/);
  });

  test('says in one sentence what it does', () => {
    expect(module.summary).toMatch(/^[A-Z][^\n]*[^.]\.$/);
    expect(module.summary.slice(0, -1)).not.toContain('. ');
    expect(module.notes ?? 'None.').toMatch(/^[^\n]+[.…]$/);
  });

  test('describes every parameter', () => {
    const undescribed = parametersOf(module.params).filter(([, parameter]) => !parameter.description);
    expect(undescribed.map(([name]) => name)).toEqual([]);
  });

  test('refuses a parameter that it does not know', () => {
    if (!(module.params instanceof z.ZodObject)) return expect(module.params).toBeInstanceOf(z.ZodRecord);
    const parsed = module.params.safeParse({ no_such_parameter: 1 });
    expect(parsed.error?.issues.map(({ code }) => code)).toContain('unrecognized_keys');
  });

  test('has an example that is YAML and that it accepts', () => {
    expect(module.params.safeParse(load(module.example)).error?.issues ?? []).toEqual([]);
  });

  test('has examples of parameters that it accepts', () => {
    const wrong = parametersOf(module.params).flatMap(([name, parameter]) => {
      const examples = z.globalRegistry.get(parameter)?.['examples'];
      if (!Array.isArray(examples)) return [];
      return examples
        .filter((example) => !parameter.safeParse(example).success)
        .map((example) => `${name}: ${example}`);
    });
    expect(wrong).toEqual([]);
  });

  test('has a schema that JSON Schema can say', () => {
    expect(z.toJSONSchema(module.params, { io: 'input' })).toMatchObject({ type: 'object' });
  });

  test('has cases, or a test of its own', () => {
    const folder = `test/cases/${module.name}`;
    const cases = existsSync(folder) ? readdirSync(folder).length : 0;
    expect(cases >= 3 || existsSync(`test/modules/${module.name}.test.ts`), `${cases} cases in ${folder}`).toBe(true);
  });
});

/** Name and schema of each parameter; none for a record, whose keys are the user's. */
function parametersOf(params: z.ZodType): readonly (readonly [string, z.ZodType])[] {
  if (!(params instanceof z.ZodObject)) return [];
  return Object.entries(params.shape).filter((pair): pair is [string, z.ZodType] => pair[1] instanceof z.ZodType);
}
