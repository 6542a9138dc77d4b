import { test } from 'vitest';
import { refusal } from './refusal.ts';

test.concurrent('words that the command line does not know', async ({ expect }) => {
  const lines: readonly (readonly string[])[] = [
    ['provisoin', 'lab.ini'],
    ['run', 'site.yml', '-i', 'lab.ini', '--chekc'],
    ['run', 'site.yml'],
    ['run', 'site.yml', '-i', 'lab.ini', '--forks', '0'],
    ['run', 'site.yml', '-i', 'lab.ini', '--output', 'xml'],
    ['run', 'site.yml', '-i', 'lab.ini', '--timeout', 'soon'],
    ['inventory', 'lab.ini', '--json', '--graph'],
    ['inventory', 'lab.ini', '--host', 'h4'],
    ['lab', 'status', 'vmm'],
    ['doc', 'comand'],
    ['runs', '../../etc'],
  ];
  const said = await Promise.all(lines.map((words) => refusal(expect, {}, ...words)));
  expect(said.map((text, index) => `$ bench ${lines[index]?.join(' ')}\n${text}`).join('\n\n')).toMatchInlineSnapshot(`
    "$ bench provisoin lab.ini
    error: unknown command 'provisoin'
    (Did you mean provision?)
      hint: bench --help

    $ bench run site.yml -i lab.ini --chekc
    error: unknown option '--chekc'
    (Did you mean --check?)
      hint: bench run --help

    $ bench run site.yml
    error: required option '-i, --inventory <file>' not specified
      hint: bench run --help

    $ bench run site.yml -i lab.ini --forks 0
    error: option '-f, --forks <n>' argument '0' is invalid. a whole number from 1 is needed
      hint: bench run --help

    $ bench run site.yml -i lab.ini --output xml
    error: option '-o, --output <form>' argument 'xml' is invalid. Allowed choices are view, lines, json.
      hint: bench run --help

    $ bench run site.yml -i lab.ini --timeout soon
    --timeout: "soon" is no time [E_WRONG_VALUE]
      hint: --timeout 30m

    1 mistake; no host was touched

    $ bench inventory lab.ini --json --graph
    error: option '--json' cannot be used with option '--graph'
      hint: bench inventory --help

    $ bench inventory lab.ini --host h4
    lab.ini has no host "h4" [E_UNKNOWN_HOST]
      hint: did you mean "h1"?

    $ bench lab status vmm
    there is no lab "vmm" [E_UNKNOWN_LAB]
      hint: known: mock

    $ bench doc comand
    there is no module "comand" [E_UNKNOWN_MODULE]
      hint: did you mean "command"?

    $ bench runs ../../etc
    "../../etc" names no run [E_NO_RUN]
      hint: bench runs lists those that there are"
  `);
});
