import { describe, expect, test } from 'vitest';
import { play, run, runTasks } from './harness.ts';

describe('precedence', () => {
  /** Every place that can say `who`, from the weakest to the strongest. */
  const places = ['inventory', 'play', 'file', 'block', 'task', 'fact', 'include', 'extra'] as const;

  const say = (levels: readonly string[], level: string) => (levels.includes(level) ? `who: ${level}` : 'other: 1');

  async function winnerOf(levels: readonly string[]): Promise<readonly string[]> {
    const ran = await run({
      inventory: `a ${levels.includes('inventory') ? 'who=inventory' : ''}\n`,
      playbook: {
        'site.yml': `
- hosts: all
  gather_facts: false
  vars: { ${say(levels, 'play')} }
  vars_files: [vars.yml]
  tasks:
    - set_fact: { ${say(levels, 'fact')} }
    - vars: { ${say(levels, 'block')} }
      block:
        - include_tasks: inner.yml
          vars: { ${say(levels, 'include')} }
`,
        'vars.yml': say(levels, 'file'),
        'inner.yml': `
- name: show
  vars: { ${say(levels, 'task')} }
  debug: { msg: "{{who}}" }
`,
      },
      engine: { extraVars: levels.includes('extra') ? { who: 'extra' } : {} },
    });
    return ran.notes('show');
  }

  test.each(places.map((place, index) => [place, places.slice(0, index + 1)] as const))(
    '%s is stronger than everything that stands before it',
    async (place, levels) => {
      expect(await winnerOf(levels)).toEqual([place]);
    },
  );

  test('a loop variable is stronger than an extra variable of the same name', async () => {
    const ran = await runTasks(
      `
      - name: show
        debug: { msg: "{{item}}" }
        loop: [one]
      `,
      { engine: { extraVars: { item: 'extra' } } },
    );
    expect(ran.notes('show')).toEqual(['one']);
  });

  test('variables of a block around an include stay weaker than a fact', async () => {
    const ran = await run({
      inventory: 'a\n',
      playbook: {
        'site.yml': play(`
          - set_fact: { who: fact }
          - vars: { who: block }
            block:
              - include_tasks: inner.yml
        `),
        'inner.yml': '- name: show\n  debug: { msg: "{{who}}" }\n',
      },
    });
    expect(ran.notes('show')).toEqual(['fact']);
  });

  test('what a task registers keeps its place over play variables, in later plays too', async () => {
    const ran = await run({
      inventory: 'a\n',
      playbook: `${play('- command: echo told\n  register: who')}${play('- name: show\n  debug: { msg: "{{who.stdout}}" }', 'vars: { who: play }')}`,
    });
    expect(ran.notes('show')).toEqual(['told']);
  });

  test('play variables are gone in the next play', async () => {
    const show = '- name: show\n  debug: { msg: "{{default who \'nobody\'}}" }';
    const ran = await run({ inventory: 'a\n', playbook: `${play(show, 'vars: { who: first }')}${play(show)}` });
    expect(ran.events.flatMap((event) => (event.type === 'taskFinished' ? event.notes : []))).toEqual([
      'first',
      'nobody',
    ]);
  });
});

describe('vars', () => {
  test('are rendered when they are read, from variables of any place', async () => {
    const ran = await runTasks(
      `
      - set_fact: { part: new }
      - name: show
        debug: { msg: "{{whole}}" }
      `,
      { keywords: 'vars: { part: old, whole: "<{{part}}>" }' },
    );
    expect(ran.notes('show')).toEqual(['<new>']);
  });

  test('a variable that is made of itself is an error at its place', async () => {
    const ran = await runTasks('- name: show\n  debug: { msg: "{{one}}" }', {
      keywords: 'vars:\n  one: "{{two}}"\n  two: "{{one}}"',
    });
    expect(ran.outcome('show')).toMatchObject({
      status: 'failed',
      failure: { code: 'E_VARIABLE_LOOP', at: { file: 'site.yml', line: 4, column: 10 } },
    });
  });

  test('a single expression keeps its type', async () => {
    const ran = await runTasks(
      `
      - name: show
        debug: { msg: three }
        when: number == 3 && size(many) == 2
        vars: { number: "{{three}}", many: "{{two}}" }
      `,
      { engine: { extraVars: { three: 3, two: ['x', 'y'] } } },
    );
    expect(ran.outcome('show').status).toBe('ok');
  });
});

describe('vars_files', () => {
  const show = '  tasks:\n    - name: show\n      debug: { msg: "{{word}}" }\n';

  test('names may hold the variables of each host', async () => {
    const ran = await run({
      inventory: 'a kind=one\nb kind=two\n',
      playbook: {
        'site.yml': `- hosts: all\n  gather_facts: false\n  vars_files: ["vars/{{kind}}.yml"]\n${show}`,
        'vars/one.yml': 'word: first',
        'vars/two.yml': 'word: second',
      },
    });
    expect([ran.notes('show', 'a'), ran.notes('show', 'b')]).toEqual([['first'], ['second']]);
  });

  test('names may hold facts', async () => {
    const ran = await run({
      inventory: 'a\n',
      playbook: {
        'site.yml': `- hosts: all\n  vars_files: ["{{facts.hostname}}.yml"]\n${show}`,
        'a.yml': 'word: "of {{inventory_hostname}}"',
      },
    });
    expect(ran.notes('show')).toEqual(['of a']);
  });

  test('a later file is stronger', async () => {
    const ran = await run({
      inventory: 'a\n',
      playbook: {
        'site.yml': `- hosts: all\n  gather_facts: false\n  vars_files: [one.yml, two.yml]\n${show}`,
        'one.yml': 'word: first',
        'two.yml': 'word: second',
      },
    });
    expect(ran.notes('show')).toEqual(['second']);
  });

  test('a file that is missing for one host fails that host alone, at the name', async () => {
    const ran = await run({
      inventory: 'a kind=one\nb kind=two\n',
      playbook: {
        'site.yml': `- hosts: all\n  gather_facts: false\n  vars_files: ["{{kind}}.yml"]\n${show}`,
        'one.yml': 'word: first',
      },
    });
    expect(ran.log).toEqual(['b read vars_files: failed', 'a show: ok']);
    expect(ran.outcome('read vars_files', 'b')).toMatchObject({
      failure: { code: 'E_NO_FILE', at: { file: 'site.yml', line: 3 }, message: expect.stringContaining('"two.yml"') },
    });
    expect(ran.result.status).toBe('failed');
  });

  test('a mistake in a template of a file is told at its place in that file', async () => {
    const ran = await run({
      inventory: 'a\n',
      playbook: {
        'site.yml': `- hosts: all\n  gather_facts: false\n  vars_files: [one.yml]\n${show}`,
        'one.yml': 'other: 1\nword: "{{nothing}}"',
      },
    });
    expect(ran.outcome('show')).toMatchObject({ failure: { at: { file: 'one.yml', line: 2, column: 10 } } });
  });
});

describe('variables that bench gives', () => {
  test('name the host, its groups and the hosts of groups', async () => {
    const ran = await run({
      inventory: '[web]\na.example.com\n[db]\nb\n[all_of_them:children]\nweb\ndb\n',
      playbook: play(
        '- name: show\n  debug: { msg: "{{inventory_hostname}} {{inventory_hostname_short}} {{join group_names}} {{join groups.all_of_them}} {{join groups.db}}" }',
      ),
    });
    expect(ran.notes('show', 'a.example.com')).toEqual(['a.example.com a all_of_them,web a.example.com,b b']);
  });

  test('hostvars give what other hosts have registered, set and got from the inventory', async () => {
    const ran = await run({
      inventory: 'a\nb color=red\n',
      playbook: `
- hosts: b
  tasks:
    - command: echo hello
      register: said
    - set_fact: { age: 3 }
- hosts: a
  gather_facts: false
  tasks:
    - name: show
      debug: { msg: "{{hostvars.b.said.stdout}} {{hostvars.b.age}} {{hostvars.b.color}} {{hostvars.b.facts.hostname}} {{hostvars.b.inventory_hostname}}" }
`,
    });
    expect(ran.notes('show')).toEqual(['hello 3 red b b']);
  });

  test('hostvars have no variables of a play', async () => {
    const ran = await runTasks('- name: show\n  debug: { msg: "{{default hostvars.a.word \'none\'}}" }', {
      keywords: 'vars: { word: x }',
    });
    expect(ran.notes('show')).toEqual(['none']);
  });

  test('play_hosts leave out a host that failed', async () => {
    const ran = await run({
      inventory: 'a\nb\n',
      playbook: play(
        `
        - command: "false"
          when: inventory_hostname == "a"
        - name: show
          debug: { msg: "{{join play_hosts}}" }
        `,
        'strategy: linear',
      ),
    });
    expect(ran.notes('show', 'b')).toEqual(['b']);
  });

  test('ansible_check_mode tells a check', async () => {
    const ran = await runTasks('- name: show\n  debug: { msg: "{{ansible_check_mode}}" }', {
      engine: { mode: 'check' },
    });
    expect(ran.notes('show')).toEqual(['true']);
  });
});

describe('register', () => {
  test('keeps what a command said and how it came out', async () => {
    const ran = await runTasks(`
      - shell: echo out; echo err >&2
        register: kept
      - name: show
        debug: { msg: "{{kept.rc}} {{kept.stdout}} {{kept.stderr}} {{kept.changed}} {{kept.failed}} {{kept.skipped}}" }
    `);
    expect(ran.notes('show')).toEqual(['0 out err true false false']);
  });

  test('keeps a failure that is ignored', async () => {
    const ran = await runTasks(`
      - shell: echo bad >&2; exit 3
        register: kept
        ignore_errors: true
      - name: show
        debug: { msg: "{{kept.rc}} {{kept.failed}} {{kept.stderr}} {{kept.msg}}" }
    `);
    expect(ran.notes('show')).toEqual(['3 true bad exit code 3: bad']);
  });

  test('keeps a task that was skipped, with its reason', async () => {
    const ran = await runTasks(`
      - command: echo
        when: false
        register: kept
      - name: show
        debug: { msg: "{{kept.skipped}} {{kept.changed}} {{kept.skip_reason}}" }
    `);
    expect(ran.notes('show')).toEqual(['true false false is false']);
  });

  test('keeps a command that creates spared as one that had nothing to say', async () => {
    const ran = await runTasks(`
      - command: { cmd: echo x, creates: / }
        register: kept
      - name: show
        debug: { msg: "{{kept.rc}} {{kept.changed}} [{{kept.stdout}}]" }
    `);
    expect(ran.notes('show')).toEqual(['0 false []']);
  });

  test('keeps each item of a loop under results, with the loop variable', async () => {
    const ran = await runTasks(`
      - shell: echo {{word}}; exit {{length word}}
        loop: [x, "", yy]
        loop_control: { loop_var: word }
        when: word != "yy"
        register: kept
        ignore_errors: true
      - name: show
        debug: { msg: "{{item.word}}/{{item.ansible_loop_var}}/{{default item.rc '-'}}/{{item.failed}}/{{item.skipped}}" }
        loop: "{{kept.results}}"
      - name: whole
        debug: { msg: "{{kept.failed}} {{kept.changed}}" }
    `);
    expect(ran.notes('show')).toEqual(['x/word/1/true/false', '/word/0/false/false', 'yy/word/-/false/true']);
    expect(ran.notes('whole')).toEqual(['true false']);
  });

  test('a loop over nothing has no results', async () => {
    const ran = await runTasks(`
      - command: echo
        loop: []
        register: kept
      - name: show
        debug: { msg: "{{length kept.results}} {{kept.skipped}}" }
    `);
    expect(ran.notes('show')).toEqual(['0 true']);
  });
});

test('gather_facts reads facts before the first task, and anew in each play', async () => {
  const tasks = '  tasks:\n    - name: show\n      debug: { msg: "{{facts.hostname}}" }\n';
  const ran = await run({
    inventory: 'a\n',
    playbook: `- hosts: all\n${tasks}- hosts: all\n  gather_facts: true\n${tasks}`,
  });
  expect(ran.log).toEqual(['a gather facts: ok', 'a show: ok', 'a gather facts: ok', 'a show: ok']);
  expect(ran.notes('show')).toEqual(['a']);
  expect(ran.all('hostConnected').map(({ host }) => host)).toEqual(['a']);
});
