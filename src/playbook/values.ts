import type { LocatedText, YamlNode } from '../contract/yaml-node.ts';
import { parseDurationMs } from '../core/duration.ts';
import { suggest } from '../core/text.ts';
import type { Keyword, ValueType } from './keywords.ts';
import { booleanHint, describeNode, holdsTemplate, type Problems } from './problems.ts';
import { checkVariableName } from './variable-names.ts';

const EXPECTED: Readonly<Record<ValueType, string>> = {
  text: 'a text',
  texts: 'a text or a list of texts',
  word: 'a text',
  name: 'the name of a variable',
  boolean: 'true or false',
  flag: 'true or false',
  number: 'a number',
  count: 'a whole number',
  span: 'seconds, or a text such as "90s" or "10m"',
  conditions: 'a CEL condition or a list of them',
  mapping: 'a mapping',
  environment: 'a mapping of names to values',
  loop: 'a list, or a template that gives one',
  sizes: 'a number, a percentage such as "30%", or a list of them',
  entries: 'a list of tasks',
  anything: 'a value',
};

/** What a keyword's value may be, in words: for documentation. */
export function expectedOf(type: ValueType): string {
  return EXPECTED[type];
}

/** Whether a keyword's value is of its type; what is wrong is reported. */
export function checkValue(keyword: Keyword, node: YamlNode, problems: Problems): boolean {
  const { name, type, choices } = keyword;
  if (!fits(type, node)) {
    const wrong = (node.kind === 'sequence' ? node.items.find((item) => !fits(type, item)) : undefined) ?? node;
    const message = `"${name}" must be ${EXPECTED[type]}, got ${describeNode(wrong)}`;
    problems.report('E_WRONG_TYPE', wrong.at, message, hintFor(keyword, wrong));
    return false;
  }
  if (type === 'name') return checkVariableName(String(node.kind === 'scalar' ? node.value : ''), node.at, problems);
  if (choices && node.kind === 'scalar' && !choices.includes(String(node.value))) {
    const word = String(node.value);
    problems.report(
      'E_WRONG_VALUE',
      node.at,
      `"${name}" must be one of ${choices.join(', ')}, got "${word}"`,
      suggest(word, choices),
    );
    return false;
  }
  return true;
}

function hintFor({ name, type }: Keyword, node: YamlNode): string | undefined {
  if (type === 'boolean' || type === 'flag') return booleanHint(node);
  if (type === 'loop' && node.kind === 'scalar') return `write ${name}: "{{${String(node.value)}}}" for a variable`;
  if (type === 'loop' && node.kind === 'mapping') return 'write loop: "{{keys mapping}}" and {{lookup mapping item}}';
  if (type === 'entries' && node.kind === 'mapping') return 'begin each task with "- "';
  if (type === 'texts' && node.kind === 'mapping') return 'write each on a line of its own, after "- "';
  return undefined;
}

function fits(type: ValueType, node: YamlNode): boolean {
  const value = node.kind === 'scalar' ? node.value : undefined;
  const isTemplate = node.kind === 'scalar' && holdsTemplate(node);
  switch (type) {
    case 'text':
    case 'word':
    case 'name':
      return isText(node);
    case 'texts':
      return isText(node) || (node.kind === 'sequence' && node.items.every(isText));
    case 'boolean':
      return typeof value === 'boolean';
    case 'flag':
      return typeof value === 'boolean' || isTemplate;
    case 'number':
      return typeof value === 'number';
    case 'count':
      return (typeof value === 'number' && Number.isInteger(value) && value >= 0) || isTemplate;
    case 'span':
      return (
        isTemplate || ((typeof value === 'number' || typeof value === 'string') && parseDurationMs(value) !== undefined)
      );
    case 'conditions':
      return isCondition(node) || (node.kind === 'sequence' && node.items.every(isCondition));
    case 'mapping':
      return node.kind === 'mapping' || value === null;
    case 'environment':
      return (
        node.kind === 'mapping' ||
        isTemplate ||
        (node.kind === 'sequence' && node.items.every((item) => fits('environment', item)))
      );
    case 'loop':
      return node.kind === 'sequence' || isTemplate;
    case 'sizes':
      return isSize(node) || (node.kind === 'sequence' && node.items.length > 0 && node.items.every(isSize));
    case 'entries':
      return node.kind === 'sequence' || value === null;
    case 'anything':
      return true;
  }
}

function isText(node: YamlNode): boolean {
  return (
    node.kind === 'scalar' && (typeof node.value === 'number' || (typeof node.value === 'string' && node.value !== ''))
  );
}

function isCondition(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.value !== null && typeof node.value !== 'number' && node.value !== '';
}

function isSize(node: YamlNode): boolean {
  if (node.kind !== 'scalar') return false;
  if (typeof node.value === 'number') return Number.isInteger(node.value) && node.value > 0;
  const percent = /^(\d{1,3})%$/.exec(String(node.value))?.[1];
  return percent !== undefined && Number(percent) > 0 && Number(percent) <= 100;
}

/** The text of a scalar that was found to be one. */
export function textOf(node: YamlNode): LocatedText {
  return { text: node.kind === 'scalar' && node.value !== null ? String(node.value) : '', at: node.at };
}

/** One text or a list of them. */
export function textsOf(node: YamlNode | undefined): readonly LocatedText[] {
  if (!node) return [];
  return node.kind === 'sequence' ? node.items.map(textOf) : [textOf(node)];
}

/** The same for tags, where a comma also divides, as in Ansible. */
export function wordsOf(node: YamlNode | undefined): readonly string[] {
  return textsOf(node)
    .flatMap(({ text }) => text.split(',').map((word) => word.trim()))
    .filter((word) => word !== '');
}
