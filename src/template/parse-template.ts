import Handlebars from 'handlebars';
import { cachedByText, type Span, TextFault } from './fault.ts';

export interface ParsedTemplate {
  readonly program: hbs.AST.Program;
  /** Has no blocks: texts and single expressions only. */
  readonly isFlat: boolean;
}

/** Whether a text has anything to render, also a `\{{` that stands for itself. */
export function hasTemplate(text: string): boolean {
  return text.includes('{{');
}

/** Handlebars text to its tree; throws TextFault with the place and, for words of Jinja, the Handlebars way. */
export const parseTemplate: (text: string) => ParsedTemplate = cachedByText((text) => {
  const jinja = /\{%-?\s*(if|elif|else|endif|for|endfor|set|include|import|macro|block|raw)\b/.exec(text);
  if (jinja) {
    const span = { offset: jinja.index, length: jinja[0].length };
    throw new TextFault('E_TEMPLATE_SYNTAX', '{% … %} is Jinja, not Handlebars', span, jinjaBlockHint(jinja[1] ?? ''));
  }
  let program: hbs.AST.Program;
  try {
    program = Handlebars.parse(text);
  } catch (thrown) {
    throw syntaxFault(text, thrown instanceof Error ? thrown.message : String(thrown));
  }
  const isFlat = program.body.every(({ type }) => /^(Content|Mustache|Comment)Statement$/.test(type));
  return { program, isFlat };
});

function jinjaBlockHint(word: string): string {
  if (word === 'for') return 'write {{#each list as |item|}} … {{/each}}';
  if (word === 'if') return 'write {{#if (eq a b)}} … {{else}} … {{/if}}';
  return 'write blocks as {{#if x}} … {{/if}} and {{#each list as |item|}} … {{/each}}';
}

/**
 * The parser names only a line and a window of the text, so the expressions are tried one by one; when each is right,
 * the blocks do not fit together.
 */
function syntaxFault(text: string, message: string): TextFault {
  let end = 0;
  for (const match of text.matchAll(/(?<!\\)\{\{\{?(?:!--[\s\S]*?--|[\s\S]*?)\}\}\}?/g)) {
    const [expression] = match;
    end = match.index + expression.length;
    if (parsesAlone(expression)) continue;
    const span = { offset: match.index, length: expression.length };
    return new TextFault(
      'E_TEMPLATE_SYNTAX',
      `${oneLine(expression)} is not Handlebars`,
      span,
      expressionHint(expression),
    );
  }
  const open = text.indexOf('{{', end);
  if (open >= 0) {
    return new TextFault('E_TEMPLATE_SYNTAX', '"{{" is not closed', { offset: open, length: 2 }, 'close it with "}}"');
  }
  return (
    blockFault(text) ?? new TextFault('E_TEMPLATE_SYNTAX', message.split('\n')[0] ?? message, { offset: 0, length: 1 })
  );
}

function parsesAlone(expression: string): boolean {
  const inner = expression.replace(/^\{\{+~?/, '').trimStart();
  if (/^(\/\w|else\b|\^|!)/.test(inner)) return true;
  const block = /^#\s*(\w+)/.exec(inner)?.[1];
  try {
    Handlebars.parse(block === undefined ? expression : `${expression}{{/${block}}}`);
    return true;
  } catch {
    return false;
  }
}

function oneLine(text: string): string {
  return text.replace(/\s+/g, ' ');
}

function blockFault(text: string): TextFault | undefined {
  const open: { readonly name: string; readonly span: Span }[] = [];
  for (const match of text.matchAll(/(?<!\\)\{\{~?\s*([#/])\s*(\w+)/g)) {
    const [all, sign, name = ''] = match;
    const span = { offset: match.index, length: all.length };
    if (sign === '#') {
      open.push({ name, span });
      continue;
    }
    const opened = open.pop();
    if (opened?.name === name) continue;
    const hint = opened ? `close it with {{/${opened.name}}}` : `open it with {{#${name} …}}`;
    const message = opened ? `{{/${name}}} closes {{#${opened.name}}}` : `{{/${name}}} closes nothing`;
    return new TextFault('E_TEMPLATE_SYNTAX', message, span, hint);
  }
  const last = open.at(-1);
  return (
    last &&
    new TextFault('E_TEMPLATE_SYNTAX', `{{#${last.name}}} is not closed`, last.span, `close it with {{/${last.name}}}`)
  );
}

function expressionHint(expression: string): string | undefined {
  const inner = expression.replace(/^\{\{+[-~]?|[-~]?\}\}+$/g, '').trim();
  const filter = /^([\w.]+)\s*\|\s*(\w+)\s*(?:\((.*)\))?$/.exec(inner);
  if (filter) {
    const [, path = '', name = '', args] = filter;
    return `write {{${[name, path, ...(args ? [args.replaceAll(',', '')] : [])].join(' ')}}}: the helper stands first`;
  }
  const index = /^(.*?)(?:\[\s*(['"]?)([\w-]+)\2\s*\]|\.(\d+)\b)(.*)$/.exec(inner);
  if (index) {
    const key = index[3] ?? index[4] ?? '';
    return `write {{${index[1]}.${/^[A-Za-z_]\w*$/.test(key) ? key : `[${key}]`}${index[5]}}}`;
  }
  if (/[+*<>=?]|\s-\s/.test(inner)) return 'write {{add a b}}, {{eq a b}}, {{#if (gt a b)}} …: there are no operators';
  if (/\w\(/.test(inner)) return 'write {{helper a b}}, without brackets and commas';
  if (inner === '') return 'write \\{{ for two braces that stand for themselves';
  if (/^[./]/.test(inner) && !/^\/(if|each|with|unless)$/.test(inner))
    return `write \\${expression} to have it as it stands`;
  return undefined;
}

/** Handlebars counts lines from 1 and columns from 0. */
export function offsetAt(text: string, line: number, column: number): number {
  let start = 0;
  for (let number = 1; number < line; number += 1) {
    const end = text.indexOf('\n', start);
    if (end < 0) break;
    start = end + 1;
  }
  return start + column;
}

export function spanOf(text: string, { loc }: hbs.AST.Node): Span {
  const offset = offsetAt(text, loc.start.line, loc.start.column);
  return { offset, length: Math.max(1, offsetAt(text, loc.end.line, loc.end.column) - offset) };
}
