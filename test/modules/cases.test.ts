import { describe, expect, test } from 'vitest';
import type { ActionModule, Module, ResourceModule, StepsModule } from '../../src/contract/module.ts';
import { BenchError } from '../../src/core/errors.ts';
import { modules } from '../../src/modules/index.ts';
import { type Case, type CaseFile, loadCases, shownChange, shownStep, toAnswer, toInputs } from './case-file.ts';
import { createFakeHost } from './fake-host.ts';

const byName = new Map(modules.map((module) => [module.name, module]));
const cases = loadCases('test/cases');

test('there are cases', () => {
  expect(cases.length).toBeGreaterThan(50);
});

describe.each([...new Set(cases.map(({ module }) => module))])('%s', (name) => {
  const own = cases.filter(({ module }) => module === name);
  test.each(own.map((each): [string, Case] => [each.file.title, each]))('%s', async (_title, { file }) => {
    const module = byName.get(name);
    if (!module) throw new Error(`there is no module ${name}`);
    const parsed = module.params.safeParse(file.params);
    if (file.refused !== undefined) {
      expect(parsed.success ? 'accepted' : parsed.error.issues.map(({ message }) => message).join('; ')).toContain(
        file.refused,
      );
      return;
    }
    if (!parsed.success) throw parsed.error;
    expect(await outcomeOf(module, parsed.data, file)).toEqual(expectedOf(file));
  });
});

function expectedOf({ changes, steps, skip, result, error }: CaseFile): unknown {
  if (error) return { error };
  return {
    ...(changes && { changes }),
    ...(steps && { steps }),
    ...(skip !== undefined && { skip }),
    ...(result !== undefined && { result }),
  };
}

/** What the module makes of the case, as far as the case says what it expects. */
async function outcomeOf(module: Module, params: unknown, file: CaseFile): Promise<unknown> {
  try {
    switch (module.kind) {
      case 'resource':
        return outcomeOfResource(module, params, file);
      case 'steps':
        return outcomeOfSteps(module, params, file);
      case 'action':
        return await outcomeOfAction(module, params, file);
    }
  } catch (error) {
    if (!(error instanceof BenchError)) throw error;
    return { error: { message: error.message, ...(error.hint !== undefined && { hint: error.hint }) } };
  }
}

function outcomeOfResource(module: ResourceModule, params: unknown, file: CaseFile): unknown {
  const inputs = toInputs(file.inputs);
  expect(module.inputs(params).map(({ path }) => path)).toEqual(inputs.map(({ path }) => path));
  const answers = file.answers.map(toAnswer);
  expect(module.probe(params, inputs).map(({ kind }) => kind)).toEqual(answers.map(({ kind }) => kind));
  const state = module.read(answers, params, inputs);
  const changes = module.plan(state, params, inputs).map(shownChange);
  return {
    ...(file.changes && { changes }),
    ...(file.result !== undefined && { result: module.result(state, params) }),
  };
}

function outcomeOfSteps(module: StepsModule, params: unknown, file: CaseFile): unknown {
  const answers = file.answers.map(toAnswer);
  expect(module.probe(params).map(({ kind }) => kind)).toEqual(answers.map(({ kind }) => kind));
  const steps = module.steps(answers, params, toInputs(file.inputs));
  if ('skip' in steps) return { skip: steps.skip };
  const results = file.results.map((result) =>
    'unreachable' in result ? { code: 255, stdout: '', stderr: '', elapsedMs: 1 } : { ...result, elapsedMs: 1 },
  );
  return {
    ...(file.steps && { steps: steps.map(shownStep) }),
    ...(file.result !== undefined && { result: module.result(results, params) }),
  };
}

async function outcomeOfAction(module: ActionModule, params: unknown, file: CaseFile): Promise<unknown> {
  const fake = createFakeHost(file);
  const result = await module.perform(fake.host, params, new AbortController().signal);
  expect(fake.leftOver(), 'answers that nobody asked for').toBe(0);
  return {
    ...(file.steps && { steps: fake.ran }),
    ...(file.result !== undefined && {
      result: {
        ...result,
        ...(fake.reports.length > 0 && { reports: fake.reports }),
        ...(fake.saved.size > 0 && { saved: Object.fromEntries(fake.saved) }),
      },
    }),
  };
}
