import fc from 'fast-check';
import type { OutsideChange } from './simulated-host.ts';

/** A playbook as JSON, which is YAML, and the world that it meets. */
export interface Scenario {
  readonly play: Readonly<Record<string, unknown>>;
  readonly includes: Readonly<Record<string, readonly unknown[]>>;
  readonly cells: Readonly<Record<string, string>>;
  readonly outside: readonly OutsideChange[];
  readonly mode: 'apply' | 'check';
}

const CELLS = ['a', 'b', 'c', 'lock'] as const;
const REGISTERS = ['r0', 'r1'] as const;
const FACTS = ['f0', 'f1'] as const;
const HANDLERS = ['h0', 'h1', 'h2'] as const;
const MOST_TASKS = 14;

export const RECALLED = [...REGISTERS, ...FACTS];

const cell = fc.constantFrom(...CELLS);
const plainValue = fc.constantFrom('0', '1', '2', 'on', 'off');
const value = fc.oneof(
  { weight: 5, arbitrary: plainValue },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '{{f0}}',
      '{{f1}}',
      '{{r0.value}}',
      '{{r1.stdout}}',
      '{{#if f1}}1{{else}}{{r0.rc}}{{/if}}',
    ),
  },
);
const condition = fc.constantFrom(
  'true',
  'false',
  'r0.changed',
  '!r1.changed',
  'r0.rc == 0',
  'r1.rc == 0 || f0 == "1"',
  'r0.stdout == "1"',
  'r1.value == "2"',
  'has(r0.skip_reason)',
  'r1.failed',
  'f0 == "1"',
  'f1 == "0"',
  'has(facts.hostname) && facts.hostname == "1"',
);

/** Of what a task's own result says; its registered name is put in. */
const judgement = fc.constantFrom(
  'true',
  'false',
  'R.rc == 1',
  'R.stdout == "1"',
  'R.changed',
  'R.value == "1"',
  'R.rc == 0',
);

const call: fc.Arbitrary<Readonly<Record<string, object>>> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ cell, value }).map((put) => ({ put })) },
  { weight: 3, arbitrary: fc.record({ cell, from: cell }).map((mirror) => ({ mirror })) },
  { weight: 1, arbitrary: fc.record({ cell }).map((gone) => ({ gone })) },
  { weight: 2, arbitrary: fc.record({ cell, value }).map((hopeful) => ({ hopeful })) },
  {
    weight: 5,
    arbitrary: fc
      .tuple(
        fc.constantFrom('bump', 'need', 'show'),
        fc.record({ cell, value, creates: cell }, { requiredKeys: ['cell'] }),
      )
      .map(([verb, params]) => ({ [verb]: params })),
  },
  { weight: 1, arbitrary: fc.record({ cell, value }).map((meddle) => ({ meddle })) },
  {
    weight: 2,
    arbitrary: fc.tuple(fc.constantFrom(...FACTS), value).map(([name, fact]) => ({ set_fact: { [name]: fact } })),
  },
  { weight: 1, arbitrary: condition.map((that) => ({ assert: { that: [that] } })) },
  { weight: 1, arbitrary: value.map((msg) => ({ debug: { msg } })) },
);

const NO_ID = new Set(['set_fact', 'assert', 'debug']);

const rarely = <T>(oneIn: number, arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: oneIn - 1, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

/** Few keywords, so that many tasks share a frame, and many, so that they do not. */
const keywords = fc.oneof({ weight: 3, arbitrary: keywordsOf(5) }, { weight: 2, arbitrary: keywordsOf(1) });

function keywordsOf(rareness: number) {
  return fc.record({
    when: rarely(3 * rareness, condition),
    register: rarely(3 * rareness, fc.constantFrom(...REGISTERS)),
    loop: rarely(
      7,
      fc.oneof(
        fc.array(plainValue, { minLength: 1, maxLength: 3 }).map((items) => ({ items, into: 'value' as const })),
        fc.array(cell, { minLength: 1, maxLength: 3 }).map((items) => ({ items, into: 'cell' as const })),
      ),
    ),
    notify: rarely(5 * rareness, fc.constantFrom(...HANDLERS, 'h{{f0}}')),
    ignore_errors: rarely(5 * rareness, fc.constant(true)),
    failed_when: rarely(9 * rareness, judgement),
    changed_when: rarely(9 * rareness, judgement),
    until: rarely(14 * rareness, judgement),
    become: rarely(9 * rareness, fc.boolean()),
    delegate_to: rarely(14 * rareness, fc.constant('z')),
    run_once: rarely(20 * rareness, fc.constant(true)),
    any_errors_fatal: rarely(30 * rareness, fc.constant(true)),
    check_mode: rarely(25 * rareness, fc.constant(true)),
    no_log: rarely(25 * rareness, fc.constant(true)),
  });
}

interface Draft {
  readonly kind: 'task';
  readonly call: Readonly<Record<string, object>>;
  readonly keywords: Readonly<Record<string, unknown>> & {
    readonly loop?: { readonly items: readonly string[]; readonly into: 'value' | 'cell' } | undefined;
  };
}

type EntryDraft =
  | Draft
  | {
      readonly kind: 'block';
      readonly block: readonly EntryDraft[];
      readonly rescue: readonly EntryDraft[];
      readonly always: readonly EntryDraft[];
      readonly when: string | undefined;
    }
  | { readonly kind: 'include'; readonly tasks: readonly Draft[]; readonly when: string | undefined }
  | { readonly kind: 'meta'; readonly action: string; readonly when: string | undefined };

const task: fc.Arbitrary<Draft> = fc.record({ call, keywords }).map((parts) => ({ kind: 'task', ...parts }));

const entry: fc.Arbitrary<EntryDraft> = fc.letrec<{ entry: EntryDraft }>((tie) => ({
  entry: fc.oneof(
    { maxDepth: 2, depthIdentifier: 'entry' },
    { weight: 12, arbitrary: task },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('block' as const),
        block: fc.array(tie('entry'), { minLength: 1, maxLength: 3 }),
        rescue: fc.array(tie('entry'), { maxLength: 2 }),
        always: fc.array(tie('entry'), { maxLength: 2 }),
        when: rarely(4, condition),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('include' as const),
        tasks: fc.array(task, { minLength: 1, maxLength: 2 }),
        when: rarely(3, condition),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant('meta' as const),
        action: fc.constantFrom('flush_handlers', 'flush_handlers', 'end_host', 'noop'),
        when: rarely(2, condition),
      }),
    },
  ),
})).entry;

const outside = fc.record({
  number: fc.nat(MOST_TASKS),
  cell,
  value: rarely(2, plainValue),
});

export const scenario: fc.Arbitrary<Scenario> = fc
  .record({
    list: fc.array(entry, { minLength: 1, maxLength: 8 }),
    handlers: fc.tuple(task, task, task),
    outside: fc.array(outside, { maxLength: 3 }),
    cells: fc.record(
      { a: plainValue, b: plainValue, c: plainValue, lock: fc.constantFrom('0', '0', 'off') },
      { requiredKeys: [] },
    ),
    hosts: fc.constantFrom('a', 'a', 'a', 'a:b', 'serial'),
    strategy: fc.constantFrom('free', 'free', 'free', 'free', 'linear'),
    facts: rarely(4, fc.constant(true)),
    mode: rarely(12, fc.constant('check' as const)),
  })
  .map((drafts) => {
    let number = 0;
    const includes: Record<string, readonly unknown[]> = {};
    const isTogether = drafts.hosts === 'a:b';
    const toTask = ({ call: called, keywords: words }: Draft, name?: string) => {
      const id = name ?? `t${number++}`;
      const { loop, ...rest } = words;
      const [[module, params]] = Object.entries(called) as [[string, object]];
      const own = typeof rest['register'] === 'string' ? rest['register'] : 'r9';
      const judged = Object.fromEntries(
        Object.entries(rest).map(([key, text]) => [
          key,
          typeof text === 'string' ? text.replace('R.', `${own}.`) : text,
        ]),
      );
      const needsOwn = ['failed_when', 'changed_when', 'until'].some((key) => String(judged[key]).includes('r9.'));
      const withLoop = loop && loop.into in params ? { [loop.into]: '{{item}}' } : {};
      // Where two hosts run side by side, who comes first to what they share is not told by the play.
      const alone = isTogether ? { delegate_to: undefined, run_once: undefined, any_errors_fatal: undefined } : {};
      return {
        name: id,
        [module]: NO_ID.has(module) ? params : { id: loop ? `${id}-{{i}}` : id, ...params, ...withLoop },
        ...judged,
        ...(needsOwn && { register: 'r9' }),
        ...(judged['until'] !== undefined && { retries: 2, delay: 1 }),
        ...(loop && { loop: loop.items, loop_control: { index_var: 'i' } }),
        ...alone,
      };
    };
    const toEntry = (draft: EntryDraft): unknown => {
      const when = draft.kind !== 'task' && draft.when !== undefined ? { when: draft.when } : {};
      switch (draft.kind) {
        case 'task':
          return toTask(draft);
        case 'block':
          return {
            block: draft.block.map(toEntry),
            ...(draft.rescue.length > 0 && { rescue: draft.rescue.map(toEntry) }),
            ...(draft.always.length > 0 && { always: draft.always.map(toEntry) }),
            ...when,
          };
        case 'include': {
          const file = `include-${number++}.yml`;
          includes[file] = draft.tasks.map((inner) => toTask(inner));
          return { include_tasks: file, ...when };
        }
        case 'meta':
          return { meta: draft.action, ...when };
      }
    };
    const silent = { changed: false, failed: false, rc: 0, stdout: '0', value: '0' };
    const play = {
      hosts: isTogether || drafts.hosts === 'serial' ? 'a:b' : 'a',
      gather_facts: drafts.facts === true,
      strategy: drafts.strategy,
      ...(drafts.hosts === 'serial' && { serial: 1 }),
      vars: { r0: silent, r1: silent, f0: '0', f1: '' },
      tasks: drafts.list.map(toEntry),
      handlers: drafts.handlers.map((draft, index) => toTask(draft, `h${index}`)),
      post_tasks: [{ name: 'recall', recall: { names: RECALLED } }],
    };
    const changes = drafts.outside.map(({ number: at, ...change }) => ({ before: `t${at}`, ...change }));
    return { play, includes, cells: drafts.cells, outside: changes, mode: drafts.mode ?? 'apply' };
  });
