import { z } from 'zod';
import { ask, defineAction, defineResource, defineSteps, pathOf, run, textOf } from '../../../src/contract/module.ts';
import { PreconditionError } from '../../../src/core/errors.ts';
import { modules } from '../../../src/modules/index.ts';

const id = z.string().describe('What its steps are called.');
const cell = z.string().describe('The cell.');
const value = z.union([z.string(), z.number()]).transform(String).describe('The text.');

const pathTo = (name: string) => textOf(`/${name}`);

/** A cell with a text: what `copy` is. */
const put = defineResource({
  name: 'put',
  summary: 'Keep a text in a cell.',
  params: z.strictObject({ id, cell, value }),
  example: '{ id: a, cell: a, value: 1 }',
  isCertain: () => true,
  probe: (task) => [pathTo(task.cell)],
  read: ([text]) => text.text,
  plan: (is, task) => (is === task.value ? [] : [changeOf(task.cell, is, task.value, ['set', task.id])]),
  result: (is) => ({ value: is ?? 'none' }),
});

/** Two cells alike: refuses where there is nothing to copy. */
const mirror = defineResource({
  name: 'mirror',
  summary: 'Keep a cell like another one.',
  params: z.strictObject({ id, cell, from: z.string().describe('The other one.') }),
  example: '{ id: a, cell: a, from: b }',
  isCertain: () => true,
  probe: (task) => [pathTo(task.cell), ask('cell', task.from)],
  read: ([is, from]) => ({ is: is.text, from: from.code === 0 ? from.stdout : undefined }),
  plan({ is, from }, task) {
    if (from === undefined) throw new PreconditionError(`there is no ${task.from}`);
    if (is === from) return [];
    return [{ what: task.cell, before: is, after: from, steps: [run('copy', task.id, task.cell, task.from)] }];
  },
  result: ({ is }) => ({ value: is ?? 'none' }),
});

const gone = defineResource({
  name: 'gone',
  summary: 'Keep a cell away.',
  params: z.strictObject({ id, cell }),
  example: '{ id: a, cell: a }',
  isCertain: () => true,
  probe: (task) => [pathOf(`/${task.cell}`)],
  read: ([path]) => path.entry !== undefined,
  plan: (isThere, task) =>
    isThere ? [{ what: task.cell, before: 'there', after: undefined, steps: [run('remove', task.id, task.cell)] }] : [],
});

/** Its steps end well also where they did nothing: what `service` is. */
const hopeful = defineResource({
  name: 'hopeful',
  summary: 'Keep a text in a cell, unless the lock is off.',
  params: z.strictObject({ id, cell, value }),
  example: '{ id: a, cell: a, value: 1 }',
  probe: (task) => [pathTo(task.cell)],
  read: ([text]) => text.text,
  plan: (is, task) => (is === task.value ? [] : [changeOf(task.cell, is, task.value, ['set-unless-off', task.id])]),
});

function changeOf(name: string, before: string | undefined, after: string, [verb = '', own = '']: readonly string[]) {
  return { what: name, before, after, steps: [run(verb, own, name, after)] };
}

const verbParams = z.strictObject({
  id,
  cell,
  value: value.default('0'),
  creates: z.string().optional().describe('Nothing is done where there is this cell.'),
});

const verbs = (['bump', 'need', 'show'] as const).map((verb) =>
  defineSteps({
    name: verb,
    summary: 'Do it.',
    params: verbParams,
    example: '{ id: a, cell: a }',
    describe: (task) => `${verb} ${task.cell}`,
    probe: ({ creates }) => (creates === undefined ? [] : [pathOf(`/${creates}`)]),
    steps(answers, task) {
      const [path] = answers;
      if (path?.kind === 'path' && path.entry) return { skip: `there is ${task.creates}` };
      return [{ kind: 'run', argv: [verb, task.id, task.cell, task.value], accept: 'any' }];
    },
    result([result]) {
      const { code = -1, stdout = '' } = result ?? {};
      const data = { rc: code, stdout };
      return { changed: true, data, ...(code !== 0 && { failed: `ended with exit code ${code}` }) };
    },
  }),
);

/** Talks with the host as it goes. */
const meddle = defineAction({
  name: 'meddle',
  summary: 'Change a cell.',
  params: z.strictObject({ id, cell, value }),
  example: '{ id: a, cell: a, value: 1 }',
  describe: (task) => `set ${task.cell}`,
  async perform(host, task, signal) {
    const [before] = await host.ask([pathTo(task.cell)], signal);
    await host.run([run('set', task.id, task.cell, task.value)], signal);
    return { changed: before.text !== task.value, data: { stdout: before.text ?? '', rc: 0 } };
  },
});

/** Tells everything that tasks have left. */
const recall = defineAction({
  name: 'recall',
  summary: 'Tell variables.',
  params: z.strictObject({ names: z.array(z.string()).describe('Of which variables.') }),
  example: '{ names: [] }',
  isHarmless: true,
  describe: () => 'tell',
  perform: async (host, { names }) => ({
    changed: false,
    notes: names.map((name) => `${name} = ${JSON.stringify(host.variables[name])}`),
  }),
});

const REAL = new Set(['set_fact', 'assert', 'debug', 'fail']);

export const toyModules = [
  put,
  mirror,
  gone,
  hopeful,
  ...verbs,
  meddle,
  recall,
  ...modules.filter(({ name }) => REAL.has(name)),
];
