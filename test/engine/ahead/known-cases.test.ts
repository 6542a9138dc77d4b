import { describe, expect, test } from 'vitest';
import type { Scenario } from './arbitrary-play.ts';
import { load, runScenario, type Seen } from './run-scenario.ts';

/** Runs the tasks at both paces, which must not differ, and gives what was seen. */
async function both(tasks: readonly object[], more: Partial<Scenario> & { readonly handlers?: object[] } = {}) {
  const { handlers = [], ...rest } = more;
  const vars = { r0: { rc: 0, changed: false }, f0: '0' };
  const play = { hosts: 'a', gather_facts: false, vars, tasks: tasks.map(named), handlers };
  const world: Scenario = { play, includes: {}, cells: {}, outside: [], mode: 'apply', ...rest };
  const playbook = load(world);
  const { roundTrips: few, ...ahead } = await runScenario(world, playbook, 'ahead');
  const { roundTrips: many, ...oneByOne } = await runScenario(world, playbook, 'oneByOne');
  expect(ahead).toEqual(oneByOne);
  expect(few).toBeLessThanOrEqual(many);
  return { log: logOf(ahead), few, many };
}

function named(task: object, index: number): object {
  return { name: `t${index}`, ...task };
}

function logOf({ hosts }: Pick<Seen, 'hosts'>): readonly string[] {
  return hosts['a']?.log ?? [];
}

const put = (id: string, cell: string, value: string) => ({ put: { id, cell, value } });
const bump = (id: string, cell: string) => ({ bump: { id, cell } });

describe('nothing behind it is done', () => {
  test('where a task refuses to act', async () => {
    const { log } = await both([put('t0', 'a', '1'), { mirror: { id: 't1', cell: 'b', from: 'c' } }, bump('t2', 'd')]);
    expect(log).toEqual(['login set t0 a 1 0']);
  });

  test('where the steps of a task end well and its state is not reached', async () => {
    const hopeful = { hopeful: { id: 't0', cell: 'a', value: '1' } };
    const { log } = await both([hopeful, bump('t1', 'd')], { cells: { lock: 'off' } });
    expect(log).toEqual(['login set-unless-off t0 a 1 0']);
  });

  test('where an item of a loop failed and its last one went alone', async () => {
    const loop = { put: { id: 't0', cell: '{{item.cell}}', value: '{{item.value}}' } };
    const items = [
      { cell: 'a', value: '1' },
      { cell: 'lock', value: 'off' },
    ];
    const { log } = await both([{ ...loop, loop: items }, bump('t1', 'd')], { cells: { lock: 'on' } });
    expect(log).toEqual(['login set t0 a 1 5', 'login set t0 lock off 0']);
  });

  test('where an always ends what a failure in its block began', async () => {
    const failing = { ...put('t0', 'a', '1'), name: 'failing' };
    const { log } = await both([{ block: [failing], always: [put('t1', 'lock', 'off')] }, bump('t2', 'd')].map(bare), {
      cells: { lock: 'on' },
    });
    expect(log).toEqual(['login set t0 a 1 5', 'login set t1 lock off 0']);
  });

  test('before a handler that is flushed first', async () => {
    const handlers = [
      { name: 'h0', ...put('h0', 'b', '1') },
      { name: 'h1', ...bump('h1', 'd') },
    ];
    const { log } = await both(
      [{ name: 't0', ...put('t0', 'a', '1'), notify: ['h0', 'h1'] }, { meta: 'flush_handlers' }, bump('t1', 'd')].map(
        bare,
      ),
      { handlers },
    );
    expect(log.map((line) => line.split(' ')[2])).toEqual(['t0', 'h0', 'h1', 't1']);
  });

  test('while a task tries again', async () => {
    const { log } = await both([
      { ...bump('t0', 'a'), register: 'r0', until: 'r0.stdout == "3"', retries: 4, delay: 1 },
      bump('t1', 'a'),
    ]);
    expect(log.map((line) => line.split(' ')[2])).toEqual(['t0', 't0', 't0', 't1']);
  });
});

describe('an answer that is out of date', () => {
  test('is asked again where an item had nothing to do and an earlier task changed that', async () => {
    const loop = { mirror: { id: 't1', cell: '{{item}}', from: 'b' }, loop: ['a', 'c'] };
    const { log } = await both([put('t0', 'a', '2'), loop], { cells: { a: '1', b: '1' } });
    expect(log).toEqual(['login set t0 a 2 0', 'login copy t1 a b 0', 'login copy t1 c b 0']);
  });

  test('is not acted on where somebody else changed the host just before', async () => {
    const { log } = await both([put('t0', 'a', '1'), { mirror: { id: 't1', cell: 'c', from: 'b' } }, bump('t2', 'b')], {
      cells: { b: '1' },
      outside: [{ before: 't1', cell: 'b', value: '2' }],
    });
    expect(log).toEqual(['login set t0 a 1 0', 'login copy t1 c b 0', 'login bump t2 b 0 0']);
  });
});

test('tasks that have nothing to do with each other take two round trips, where one by one they take two each', async () => {
  const cells = ['a', 'b', 'c', 'd', 'e'];
  const { few, many } = await both(cells.map((cell) => put(cell, cell, '1')));
  expect([few, many]).toEqual([2, 10]);
});

/** A name of its own only where there is one. */
function bare(entry: object): object {
  return 'meta' in entry || 'block' in entry ? { name: undefined, ...entry } : entry;
}
