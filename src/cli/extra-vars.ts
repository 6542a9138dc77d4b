import { readFileSync } from 'node:fs';
import { parseYaml } from '../contract/parse-yaml.ts';
import { toPlain } from '../contract/yaml-node.ts';
import { type Diagnostic, DiagnosticError } from '../core/diagnostic.ts';
import { messageOf } from '../core/errors.ts';

/** Values of `-e`: `name=value` (the value is read as YAML), a mapping in JSON or YAML, or `@file` with one. Later ones win. */
export function readExtraVars(words: readonly string[]): Readonly<Record<string, unknown>> {
  return Object.assign({}, ...words.map(readWord));
}

function readWord(word: string): Readonly<Record<string, unknown>> {
  if (word.startsWith('@')) return readMapping(readFile(word.slice(1)), word.slice(1));
  const pair = /^([A-Za-z_]\w*)=(.*)$/s.exec(word);
  if (!pair) return readMapping(word, '-e');
  const [, name = '', text = ''] = pair;
  return { [name]: readValue(text) };
}

/** `0644` stays a text: a value that YAML would read as another number is meant as it was typed. */
function readValue(text: string): unknown {
  const { node, diagnostics } = parseYaml(text, '-e');
  if (diagnostics.length > 0 || !node || /^[-+]?0\d/.test(text)) return text;
  return toPlain(node);
}

function readMapping(text: string, file: string): Readonly<Record<string, unknown>> {
  const { node, diagnostics } = parseYaml(text, file);
  if (diagnostics.length > 0) throw new DiagnosticError(diagnostics);
  const value = node && toPlain(node);
  if (value !== null && typeof value === 'object' && !Array.isArray(value))
    return Object.fromEntries(Object.entries(value));
  throw wrong(`-e needs name=value, a mapping, or @file; got "${text.slice(0, 40)}"`, '-e memory_mib=512');
}

function readFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (thrown) {
    throw wrong(`-e @${path}: ${messageOf(thrown)}`, 'write the path of a YAML file after the @');
  }
}

function wrong(message: string, hint: string): DiagnosticError {
  const diagnostic: Diagnostic = { code: 'E_EXTRA_VARS', message, hint };
  return new DiagnosticError([diagnostic]);
}
