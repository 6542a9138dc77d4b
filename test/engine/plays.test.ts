import { describe, expect, test } from 'vitest';
import { toHostName } from '../../src/contract/host.ts';
import { withHold } from './doubles.ts';
import { play, run, runTasks } from './harness.ts';

const FOUR = 'c\na\nd\nb\n';
const SHOW = '- { name: show, debug: { msg: x } }';

async function orderOf(keywords: string, engine = {}): Promise<string> {
  const ran = await run({ inventory: FOUR, playbook: play(SHOW, keywords), engine: { forks: 1, ...engine } });
  return ran
    .all('taskFinished')
    .map(({ host }) => host)
    .join('');
}

describe('hosts', () => {
  test('is a pattern, in which extra variables may stand', async () => {
    const playbook = `- hosts: "{{where}}:!b"\n  gather_facts: false\n  tasks: [${SHOW.slice(2)}]\n`;
    const ran = await run({ inventory: '[web]\na\nb\n[db]\nc\n', playbook, engine: { extraVars: { where: 'web' } } });
    expect(ran.log).toEqual(['a show: ok']);
    expect(ran.all('playStarted')).toMatchObject([{ hosts: ['a'], name: '{{where}}:!b' }]);
  });

  test('are cut down to the limit of the run', async () => {
    expect(await orderOf('', { limit: new Set([toHostName('d'), toHostName('a')]) })).toBe('ad');
  });
});

describe('order', () => {
  test.each([
    ['inventory', 'cadb'],
    ['reverse_inventory', 'bdac'],
    ['sorted', 'abcd'],
    ['reverse_sorted', 'dcba'],
  ])('%s takes the hosts as %s', async (order, hosts) => {
    expect(await orderOf(`order: ${order}`)).toBe(hosts);
  });

  test('shuffle takes them by random numbers that are passed in', async () => {
    let number = 0;
    const random = () => {
      number += 1;
      return [0.3, 0.9, 0.1, 0.5][number % 4] ?? 0;
    };
    expect((await orderOf('order: shuffle', { random })).split('').toSorted().join('')).toBe('abcd');
    expect(number).toBeGreaterThan(0);
  });
});

describe('serial', () => {
  const batches = async (serial: string, hosts = 'a\nb\nc\nd\ne\n') => {
    const ran = await run({
      inventory: hosts,
      playbook: play(
        '- { name: one, debug: { msg: x } }\n- { name: two, debug: { msg: x } }',
        `strategy: linear\nserial: ${serial}`,
      ),
    });
    return ran
      .all('taskFinished')
      .map(({ task, host }) => host + (task.name === 'one' ? '1' : '2'))
      .join(' ');
  };

  test('takes so many hosts at a time through the whole play', async () => {
    expect(await batches('2')).toBe('a1 b1 a2 b2 c1 d1 c2 d2 e1 e2');
  });

  test('takes sizes one after the other, the last one repeats', async () => {
    expect(await batches('[1, 2]')).toBe('a1 a2 b1 c1 b2 c2 d1 e1 d2 e2');
  });

  test('takes shares of all hosts, at least one', async () => {
    expect(await batches('"50%"', 'a\nb\nc\nd\n')).toBe('a1 b1 a2 b2 c1 d1 c2 d2');
    expect(await batches('"10%"', 'a\nb\n')).toBe('a1 a2 b1 b2');
  });

  test('stops where no host of a batch is left', async () => {
    const ran = await runTasks('- { name: one, command: "false" }', { inventory: 'a\nb\n', keywords: 'serial: 1' });
    expect(ran.log).toEqual(['a one: failed']);
    expect(ran.result.status).toBe('failed');
  });
});

describe('max_fail_percentage', () => {
  const TASKS = `
    - { name: one, command: "false", when: inventory_hostname == "a" }
    - { name: two, debug: { msg: x } }
  `;

  test('ends the run where more than that share of a batch failed', async () => {
    const ran = await run({
      inventory: 'a\nb\nc\nd\n',
      playbook: play(TASKS, 'strategy: linear\nserial: "50%"\nmax_fail_percentage: 49') + play(SHOW),
    });
    expect(ran.log).toEqual(['b one: skipped', 'a one: failed']);
    expect(ran.all('warning').map(({ message }) => message)).toEqual([
      'the run ends here: 1 of 2 hosts failed, more than max_fail_percentage allows',
    ]);
  });

  test('goes on where just that share failed', async () => {
    const ran = await run({
      inventory: 'a\nb\nc\nd\n',
      playbook: play(TASKS, 'strategy: linear\nserial: "50%"\nmax_fail_percentage: 50'),
    });
    expect(ran.log.filter((line) => line.includes('two'))).toEqual(['b two: ok', 'c two: ok', 'd two: ok']);
    expect(ran.result.status).toBe('failed');
  });
});

describe('any_errors_fatal', () => {
  test('of a play ends the run for all hosts', async () => {
    const tasks =
      '- { name: one, command: "false", when: inventory_hostname == "a" }\n- { name: two, debug: { msg: x } }';
    const ran = await run({ playbook: play(tasks, 'strategy: linear\nany_errors_fatal: true') + play(SHOW) });
    expect(ran.log.filter((line) => !line.includes('one'))).toEqual([]);
    expect(ran.result).toMatchObject({ status: 'failed', hosts: [{ tally: { failed: 1 } }, { tally: { failed: 0 } }] });
  });

  test('of a task counts for that task alone', async () => {
    const ran = await runTasks(
      `
      - { name: one, command: "false", when: inventory_hostname == "a" }
      - { name: two, command: "false", when: inventory_hostname == "b", any_errors_fatal: true }
      - { name: three, debug: { msg: x } }
      `,
      { inventory: 'a\nb\nc\n', keywords: 'strategy: linear' },
    );
    expect(ran.log.filter((line) => line.includes('three'))).toEqual([]);
    expect(ran.log.filter((line) => line.includes('two'))).toHaveLength(2);
  });

  test('does not count a failure that is rescued or ignored', async () => {
    const ran = await runTasks(
      `
      - block: [{ name: one, command: "false" }]
        rescue: [{ name: saved, debug: { msg: x } }]
      - { name: two, command: "false", ignore_errors: true }
      - { name: three, debug: { msg: x } }
      `,
      { keywords: 'any_errors_fatal: true' },
    );
    expect(ran.log.at(-1)).toBe('a three: ok');
  });
});

describe('strategy', () => {
  test('linear lets no host begin a task before all have come to it', async () => {
    const ran = await run({
      inventory: 'a\nb\nc\n',
      playbook: play(
        `
        - { name: one, shell: "sleep 0.05", when: inventory_hostname == "a" }
        - block: [{ name: two, command: "true", failed_when: inventory_hostname == "b" }]
          rescue: [{ name: saved, command: "true" }]
        - { name: three, command: "true" }
        `,
        'strategy: linear',
      ),
    });
    const started = ran.all('taskStarted').map(({ task }) => task.name);
    expect(started).toEqual(['one', 'one', 'one', 'two', 'two', 'two', 'saved', 'three', 'three', 'three']);
  });

  test('free lets each host go at its own pace', async () => {
    const { modules, open } = withHold();
    const ran = await run({
      modules,
      onEvent: (event) => event.type === 'taskFinished' && event.host === 'b' && event.task.name === 'two' && open(),
      playbook: play(`
        - { name: one, hold: {}, when: inventory_hostname == "a" }
        - { name: two, debug: { msg: x } }
      `),
    });
    expect(ran.log).toEqual(['b one: skipped', 'b two: ok', 'a one: ok', 'a two: ok']);
  });

  test('forks are the most hosts that work at the same time', async () => {
    let working = 0;
    let most = 0;
    await run({
      inventory: 'a\nb\nc\nd\ne\n',
      playbook: play('- { name: one, command: sleep 0.01 }'),
      engine: { forks: 2 },
      onEvent(event) {
        if (event.type === 'taskStarted') working += 1;
        if (event.type === 'taskFinished') working -= 1;
        most = Math.max(most, working);
      },
    });
    expect(most).toBe(2);
  });
});

describe('plays', () => {
  test('are barriers: no host begins one before all have ended the last', async () => {
    const ran = await run({
      playbook:
        play('- { name: one, command: sleep 0.05, when: inventory_hostname == "a" }') +
        play('- { name: two, debug: { msg: x } }'),
    });
    expect(ran.log.slice(2).toSorted()).toEqual(['a two: ok', 'b two: ok']);
  });

  test('leave out hosts that failed before', async () => {
    const ran = await run({
      playbook:
        play('- { name: one, command: "false", when: inventory_hostname == "a" }') +
        play('- { name: two, debug: { msg: x } }'),
    });
    expect(ran.log.filter((line) => line.includes('two'))).toEqual(['b two: ok']);
    expect(ran.all('playStarted').map(({ hosts }) => hosts)).toEqual([['a', 'b'], ['b']]);
  });

  test('do not begin where no host of the last one is left, as with Ansible', async () => {
    const ran = await run({
      playbook: `${play('- { name: one, command: "false" }').replace('hosts: all', 'hosts: a')}${play('- { name: two, debug: { msg: x } }').replace('hosts: all', 'hosts: b')}`,
    });
    expect(ran.log).toEqual(['a one: failed']);
    expect(ran.all('warning').map(({ message }) => message)).toEqual([
      'the run ends here: no host of the play is left',
    ]);
  });

  test('that end with no host left say so only where something is left out', async () => {
    const ran = await runTasks('- { name: one, command: "false" }');
    expect(ran.all('warning')).toEqual([]);
  });

  test('are told with their names and how many tasks they have', async () => {
    const ran = await run({
      inventory: 'a\n',
      playbook: `- name: first\n  hosts: all\n  gather_facts: false\n  tasks:\n    - block: [${SHOW.slice(2)}]\n      always: [${SHOW.slice(2)}]\n    - ${SHOW.slice(2)}\n`,
    });
    expect(ran.events[0]).toMatchObject({
      type: 'runStarted',
      mode: 'apply',
      hosts: ['a'],
      plays: [{ name: 'first', tasks: 3 }],
    });
    expect(ran.events.at(-1)).toMatchObject({ type: 'runFinished', result: { status: 'done' } });
  });
});
