import { test } from 'vitest';
import { LOCAL, playbook } from './bench.ts';
import { refusal, TOUCH } from './refusal.ts';

function random(bytes: number): Uint8Array {
  return Uint8Array.from({ length: bytes }, (_, index) => (index * 151 + 200) % 256);
}

test.concurrent('an inventory that is not there', async ({ expect }) => {
  expect(await refusal(expect, {}, 'run', 'site.yml', '-i', 'nope.ini')).toMatchInlineSnapshot(`
    "cannot read nope.ini: there is no such file [E_INVENTORY_FILE]

    1 mistake; no host was touched"
  `);
});

test.concurrent('an empty inventory', async ({ expect }) => {
  expect(await refusal(expect, { 'lab.ini': '' })).toMatchInlineSnapshot(`
    "lab.ini:1:1: the inventory names no host [E_INVENTORY_EMPTY]
        1 | 
          | ^
      hint: write one host a line, below a heading such as [xen_hosts]

    1 mistake in 1 file; no host was touched"
  `);
});

test.concurrent('a binary inventory, none of whose bytes reach the terminal', async ({ expect }) => {
  const said = await refusal(expect, { 'lab.ini': random(4096) });
  expect(said).toContain('these bytes are no UTF-8 text [E_INVENTORY_BINARY]');
  expect(said.replaceAll('\n', '')).not.toMatch(/\p{Cc}/u);
});

test.concurrent('an inventory of 10 MB', async ({ expect }) => {
  expect(await refusal(expect, { 'lab.ini': 'a'.repeat(10_000_000) })).toMatchInlineSnapshot(`
    "lab.ini is larger than 8 MiB [E_INVENTORY_TOO_LARGE]

    1 mistake; no host was touched"
  `);
});

test.concurrent('groups that contain each other', async ({ expect }) => {
  const cycle = '[a:children]\nb\n[b:children]\na\n[a]\nh1\n';
  expect(await refusal(expect, { 'lab.ini': cycle })).toMatchInlineSnapshot(`
    "lab.ini:4:1: these groups contain each other: a > b > a [E_INVENTORY_CYCLE]
        4 | a
          | ^
      hint: take a out of [b:children]

    1 mistake in 1 file; no host was touched"
  `);
});

test.concurrent('a range of a thousand million hosts', async ({ expect }) => {
  expect(await refusal(expect, { 'lab.ini': 'h[0:999999999]\n' })).toMatchInlineSnapshot(`
    "lab.ini:1:1: h[0:999999999] stands for 1000000000 hosts; an inventory may have 100000 more [E_INVENTORY_TOO_MANY_HOSTS]
        1 | h[0:999999999]
          | ^^^^^^^^^^^^^^

    1 mistake in 1 file; no host was touched"
  `);
});

test.concurrent('a playbook that is not there', async ({ expect }) => {
  expect(await refusal(expect, {}, 'run', 'nope.yml', '-i', 'lab.ini')).toMatchInlineSnapshot(`
    "there is no file "nope.yml" [E_NO_FILE]

    1 mistake; no host was touched"
  `);
});

test.concurrent('a playbook that takes in itself', async ({ expect }) => {
  expect(await refusal(expect, { 'site.yml': '- import_playbook: site.yml\n' })).toMatchInlineSnapshot(`
    "site.yml:1:20: "site.yml" takes in itself: site.yml -> site.yml [E_INCLUDE_CIRCLE]
        1 | - import_playbook: site.yml
          |                    ^^^^^^^^

    1 mistake in 1 file; no host was touched"
  `);
});

test.concurrent('a playbook that is one line of 10 MB, of which a hundred characters are shown', async ({ expect }) => {
  const said = await refusal(expect, { 'site.yml': 'a'.repeat(10_000_000) });
  expect(said).toContain('site.yml:1:1: a playbook is a list of plays, got a text [E_WRONG_TYPE]');
  expect(said.length).toBeLessThan(600);
});

test.concurrent('a template without its variable', async ({ expect }) => {
  expect(await refusal(expect, { 'site.yml': playbook('debug: { msg: "{{ nope }}" }') })).toMatchInlineSnapshot(`
    "site.yml:5:25: variable "nope" is not defined [E_UNDEFINED_VARIABLE]
        5 |     - debug: { msg: "{{ nope }}" }
          |                         ^^^^

    1 mistake in 1 file; no host was touched"
  `);
});

test.concurrent('aliases that would write out a thousand million nodes', async ({ expect }) => {
  const nine = (alias: string) => Array.from({ length: 9 }, () => alias).join(',');
  const rows = 'bcdefghij'.split('').map((name, index) => `  ${name}: &${name} [${nine(`*${'abcdefghij'[index]}`)}]`);
  const vars = ['  a: &a [x,x,x,x,x,x,x,x,x]', ...rows].join('\n');
  expect(
    await refusal(expect, { 'site.yml': `- hosts: all\n  vars:\n${vars.replaceAll(/^/gm, '  ')}\n  tasks: []\n` }),
  ).toMatchInlineSnapshot(`
    "site.yml:8:12: with alias *e written out the file has more than 100000 nodes [E_YAML_TOO_LARGE]
        8 |     f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]
          |            ^^

    1 mistake in 1 file; no host was touched"
  `);
});

test.concurrent('several mistakes come at once, each with its place', async ({ expect }) => {
  const site = playbook('comand: ls', 'debug: { msg: "{{ nope }}" }', '{ copy: { dst: /x, content: a } }');
  expect(await refusal(expect, { 'site.yml': site })).toMatchInlineSnapshot(`
    "site.yml:5:7: unknown module "comand" [E_UNKNOWN_MODULE]
        5 |     - comand: ls
          |       ^^^^^^
      hint: did you mean "command"?

    site.yml:6:25: variable "nope" is not defined [E_UNDEFINED_VARIABLE]
        6 |     - debug: { msg: "{{ nope }}" }
          |                         ^^^^

    site.yml:7:17: unknown parameter "dst" of copy [E_UNKNOWN_PARAMETER]
        7 |     - { copy: { dst: /x, content: a } }
          |                 ^^^
      hint: did you mean "dest"?

    3 mistakes in 1 file; no host was touched"
  `);
});

test.concurrent('a limit that names nothing, and one that leaves no host', async ({ expect }) => {
  expect(await refusal(expect, {}, 'run', 'site.yml', '-i', 'lab.ini', '--limit', 'wbe')).toMatchInlineSnapshot(`
    "there is no host and no group "wbe" [E_PATTERN]
      hint: did you mean "web"?

    1 mistake; no host was touched"
  `);
  const two = { 'lab.ini': `${LOCAL}[db]\nd1\n`, 'site.yml': TOUCH.replace('hosts: all', 'hosts: web') };
  expect(await refusal(expect, two, 'run', 'site.yml', '-i', 'lab.ini', '--limit', 'db')).toMatchInlineSnapshot(`
    "--limit "db" leaves no host [E_NO_HOSTS]
      hint: the plays are for: web

    1 mistake; no host was touched"
  `);
});

test.concurrent('a task to start at that there is not', async ({ expect }) => {
  const site = playbook('{ name: install, command: "true" }');
  const said = await refusal(
    expect,
    { 'site.yml': site },
    'run',
    'site.yml',
    '-i',
    'lab.ini',
    '--start-at-task',
    'instal',
  );
  expect(said).toMatchInlineSnapshot(`
    "--start-at-task: there is no task "instal" [E_UNKNOWN_TASK]
      hint: did you mean "install"?

    1 mistake; no host was touched"
  `);
});

test.concurrent('extra variables that are none', async ({ expect }) => {
  const of = (word: string) => refusal(expect, {}, 'run', 'site.yml', '-i', 'lab.ini', '-e', word);
  const said = await Promise.all(['rubbish', '{a', '@nope.yml', '[1, 2]'].map(of));
  expect(said.map((text) => text.split('\n')[0]).join('\n')).toMatchInlineSnapshot(`
    "-e needs name=value, a mapping, or @file; got "rubbish" [E_EXTRA_VARS]
    -e:1:3: not valid YAML: unexpected end of the stream within a flow collection [E_YAML]
    -e @nope.yml: ENOENT: no such file or directory, open 'nope.yml' [E_EXTRA_VARS]
    -e needs name=value, a mapping, or @file; got "[1, 2]" [E_EXTRA_VARS]"
  `);
});

test.concurrent('private keys that ssh could not use are found before anything is connected', async ({ expect }) => {
  const lab = 'x1 ansible_host=127.0.0.1 ansible_port=1 ansible_user=root ansible_ssh_private_key_file=key\n';
  const of = async (command: readonly string[], files: Readonly<Record<string, string>>) =>
    refusal(expect, { 'lab.ini': lab, ...files }, ...command);
  const run = ['run', 'site.yml', '-i', 'lab.ini'];
  expect(await of(run, {})).toMatchInlineSnapshot(`
    "lab.ini:1:60: x1: the private key DIR/key does not exist [E_SSH_KEY_MISSING]
        1 | x1 ansible_host=127.0.0.1 ansible_port=1 ansible_user=root ansible_ssh_private_key_file=key
          |                                                            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      hint: correct ansible_ssh_private_key_file (a relative path counts from the inventory)

    1 mistake in 1 file; no host was touched"
  `);
  expect(await of(['exec', 'lab.ini', 'all', '--', 'true'], {})).toContain('[E_SSH_KEY_MISSING]');
  expect(await of(['facts', 'lab.ini'], { key: 'garbage' })).toContain('E_SSH_KEY');
  const damaged = '-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n';
  expect(await of(run, { key: damaged })).toContain('DIR/key can be read by others (mode 0644) [E_SSH_KEY_OPEN]');
});

test.concurrent('nothing to resume', async ({ expect }) => {
  expect(await refusal(expect, {}, 'run', 'site.yml', '-i', 'lab.ini', '--resume')).toMatchInlineSnapshot(`
    "no run of site.yml with lab.ini can be resumed [E_NO_RUN]
      hint: leave --resume out"
  `);
});

test.concurrent('an inventory that is no laboratory is one mistake, not one for every task', async ({ expect }) => {
  const of = (verb: string) => refusal(expect, {}, verb, 'lab.ini');
  const said = await Promise.all(['provision', 'verify', 'destroy', 'rebuild'].map(of));
  for (const text of said) {
    expect(text).toContain(
      'lab.ini describes no laboratory: there is no group hypervisors and no group iscsi_target [E_NO_LAB]',
    );
    expect(text).toContain('inventory/lab.ini\n');
    expect(text).toContain('1 mistake; no host was touched');
  }
});
