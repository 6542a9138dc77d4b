import { describe, expect, test } from 'vitest';
import { parseYaml } from '../../src/contract/parse-yaml.ts';
import { locateTexts } from '../../src/contract/text-pieces.ts';
import { DiagnosticError, formatDiagnostic } from '../../src/core/diagnostic.ts';
import { Secret } from '../../src/core/secret.ts';
import { isTemplated, renderNode, renderTemplate, renderText } from '../../src/template/render.ts';

const at = { file: 'site.yml', line: 7, column: 11 };
const scope = {
  name: 'xen1',
  port: 3260,
  empty: '',
  none: null,
  yes: true,
  no: false,
  facts: { os: { id: 'fedora', version: '42' } },
  disks: [
    { name: 'a', size: 10 },
    { name: 'b', size: 20 },
  ],
  'odd-name': 'odd',
  password: new Secret('hunter2-hunter2'),
};

const render = (text: string) => renderText(text, at, scope);

/** What a user reads when a text cannot be rendered. */
function faultOf(text: string): string {
  try {
    renderTemplate(text, 'motd.hbs', scope);
  } catch (thrown) {
    if (thrown instanceof DiagnosticError)
      return thrown.diagnostics.map((one) => formatDiagnostic(one, () => text)).join('\n');
    throw thrown;
  }
  throw new Error('it rendered');
}

describe('text', () => {
  test.each([
    ['nothing to do', 'nothing to do'],
    ['{{name}}:{{ port }}', 'xen1:3260'],
    ['{{facts.os.id}} {{facts.os.version}}', 'fedora 42'],
    ['{{disks.[1].name}} {{odd-name}}', 'b odd'],
    ['<{{none}}> <{{empty}}> <{{yes}}>', '<> <> <true>'],
    ['a < b & "c" {{name}}', 'a < b & "c" xen1'],
    ['\\{{.Names}} {{name}}', '{{.Names}} xen1'],
    ['{{#if yes}}y{{else}}n{{/if}}{{#if no}}y{{else}}n{{/if}}', 'yn'],
    ['{{#if (eq port 3260)}}iscsi{{else if (gt port 1)}}other{{/if}}', 'iscsi'],
    ['{{#unless empty}}none{{/unless}}', 'none'],
    ['{{#each disks}}{{@index}}={{name}}{{#unless @last}},{{/unless}}{{/each}}', '0=a,1=b'],
    ['{{#each disks as |disk n|}}{{n}}{{disk.name}}{{name}}{{/each}}', '0aa1bb'],
    ['{{#each disks}}{{this.name}}@{{@root.name}}{{../port}} {{/each}}', 'a@xen13260 b@xen13260 '],
    ['{{#each disks}}{{name}}{{port}}{{#if none}}x{{/if}} {{/each}}', 'a3260 b3260 '],
    ['{{#each disks as |disk|}}{{disk.name}}{{facts.os.id}} {{/each}}', 'afedora bfedora '],
    ['{{#each facts.os}}{{@key}}:{{this}} {{/each}}', 'id:fedora version:42 '],
    ['{{#each (range 1 4) as |n|}}{{n}}{{/each}}', '123'],
    ['{{#with facts.os}}{{id}}{{/with}}', 'fedora'],
    ['{{default nothing "x"}} {{default facts.os.codename "y"}} {{default name "z"}}', 'x y xen1'],
    ['{{#if (defined nothing.at.all)}}y{{else}}n{{/if}}', 'n'],
    ['{{! a note }}{{name}}{{!-- {{not}} --}}', 'xen1'],
  ])('%s', (text, expected) => {
    expect(render(text)).toBe(expected);
  });

  test('a secret goes in as its text, also through a helper', () => {
    expect(render('{{password}} {{quote password}} {{json (lookup @root "password")}}')).toBe(
      'hunter2-hunter2 \'hunter2-hunter2\' "hunter2-hunter2"',
    );
  });

  test('a file keeps its lines: block tags that stand alone leave none', () => {
    const text = '# {{name}}\n{{#each disks}}\ndisk {{name}}\n{{/each}}\nend\n';
    expect(renderTemplate(text, 'a.hbs', scope)).toBe('# xen1\ndisk a\ndisk b\nend\n');
  });

  test('what a variable is named like a helper, or like a part of every object, is the variable or nothing', () => {
    expect(renderText('{{first}} {{length}}', at, { first: 1, length: 2 })).toBe('1 2');
    expect(faultOf('{{constructor}}')).toContain('"constructor" is not defined');
    expect(faultOf('{{name.toString}}')).toContain('has no "toString"');
  });
});

describe('what cannot be rendered is told with its place', () => {
  test.each([
    ['a variable', 'ok\n  {{nmae}}'],
    ['a part of one', '{{facts.os.idd}}'],
    ['a part of nothing', '{{facts.os.id.more}}'],
    ['in #if', 'a\n{{#if nmae}}x{{/if}}'],
    ['in #unless', '{{#unless facts.oss}}x{{/unless}}'],
    ['in #each', '{{#each dissk}}x{{/each}}'],
    ['in #with', '{{#with facts.so}}x{{/with}}'],
    ['in an argument', '{{upper nmae}}'],
    ['in an argument of an argument', '{{#if (eq (upper nmae) "A")}}x{{/if}}'],
    ['in a fallback', '{{default nothing nmae}}'],
    ['in an item', '{{#each disks}}{{sise}}{{/each}}'],
    ['in a named item', '{{#each disks as |disk|}}{{disk.sise}}{{/each}}'],
    ['in an item and outside it', '{{#each disks}}{{prot}}{{/each}}'],
    ['in an item alone', '{{#each disks}}{{this.port}}{{/each}}'],
    ['after an else', '{{#if no}}x{{else if nmae}}y{{/if}}'],
  ])('%s', (_what, text) => {
    expect(faultOf(text)).toMatchSnapshot();
  });

  test.each([
    ['a list', '{{disks}}'],
    ['a mapping', '{{facts}}'],
    ['each of a text', '{{#each name}}x{{/each}}'],
    ['a wrong argument', '{{add name 1}}'],
    ['a missing key', '{{lookup facts "cpu"}}'],
    ['a list that is none', '{{join name}}'],
    ['omit inside a text', 'a {{omit}}'],
  ])('%s', (_what, text) => {
    expect(faultOf(text)).toMatchSnapshot();
  });

  test('a place inside a block scalar of a playbook is that of the file', () => {
    const yaml = 'content: |\n  one\n  two {{nmae}}\n';
    const { node } = parseYaml(yaml, 'site.yml');
    expect(() => node && renderNode(locateTexts(node, yaml.split('\n')), scope)).toThrow(
      'site.yml:3:9: variable "nmae" is not defined',
    );
  });
});

describe('a node', () => {
  const rendered = (yaml: string) => {
    const { node, diagnostics } = parseYaml(yaml, 'a.yml');
    if (!node) throw new Error(diagnostics.map(({ message }) => message).join());
    return renderNode(node, scope);
  };

  test.each([
    ['a: "{{port}}"', { a: 3260 }],
    ['a: "{{ disks }}"', { a: scope.disks }],
    ['a: "{{none}}"', { a: null }],
    ['a: "{{no}}"', { a: false }],
    ['a: "{{default nothing 5}}"', { a: 5 }],
    ['a: "{{length disks}}"', { a: 2 }],
    ['a: "{{#if yes}}5{{/if}}"', { a: '5' }],
    ['a: " {{port}}"', { a: ' 3260' }],
    ['a: ["{{port}}", 1, { "{{name}}": "x{{port}}" }]', { a: [3260, 1, { xen1: 'x3260' }] }],
    ['a: "{{password}}"', { a: 'hunter2-hunter2' }],
    ['{ a: "{{omit}}", b: "{{default nothing omit}}", c: ["{{omit}}", 1] }', { c: [1] }],
    ['{ a: true, b: null, c: 1.5 }', { a: true, b: null, c: 1.5 }],
  ])('%s', (yaml, expected) => {
    expect(rendered(yaml)).toEqual(expected);
  });

  test('says whether rendering can change it', () => {
    const templated = (yaml: string) => {
      const { node } = parseYaml(yaml, 'a.yml');
      return node && isTemplated(node);
    };
    expect([templated('[1, { a: "{{x}}" }]'), templated('"{{x}}": 1'), templated('[1, { a: b }]')]).toEqual([
      true,
      true,
      false,
    ]);
  });
});

test('variables that are computed when they are read are read only where they are used', () => {
  const lazy = {
    get used() {
      return 'u';
    },
    get unused(): string {
      throw new Error('must not be read');
    },
  };
  expect(renderText('{{used}}{{#if used}}!{{/if}}', at, lazy)).toBe('u!');
});

test('a scope whose variables are all computed can be gone through like any other', () => {
  const computed = (values: Readonly<Record<string, unknown>>) => {
    const known = new Map(Object.entries(values));
    return new Proxy<Record<string, unknown>>(
      {},
      {
        get: (_, name) => known.get(String(name)),
        ownKeys: () => [...known.keys()],
        getOwnPropertyDescriptor: (_, name) =>
          known.has(String(name))
            ? { configurable: true, enumerable: true, value: known.get(String(name)) }
            : undefined,
      },
    );
  };
  const hostvars = computed({ a: computed({ address: '192.0.2.1', disks: ['x'] }) });
  const all = computed({ names: ['a'], hostvars });
  const text =
    '{{#each names as |name|}}{{lookup (lookup hostvars name) "address"}}{{/each}}{{#with hostvars.a}}{{#each disks}}{{this}}{{address}}{{/each}}{{/with}}';
  expect(renderText(text, at, all)).toBe('192.0.2.1x192.0.2.1');
});
