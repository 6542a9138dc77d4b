import { unsafe } from 'ini';
import { parseYaml } from '../contract/parse-yaml.ts';
import { toPlain } from '../contract/yaml-node.ts';

/**
 * The one typing rule, for host lines and `:vars` sections alike. What is wholly in quotes is a text. Else `true` and
 * `false` (also `True`, `False`) are booleans, decimal integers and floats are numbers, `[…]` and `{…}` are lists and
 * maps in YAML's flow style, and everything else is a text. Digits with a leading zero and integers that a number cannot
 * hold exactly stay texts.
 */
export function typedValue(raw: string): unknown {
  const quoted = quotedText(raw);
  if (quoted !== undefined) return quoted;
  if (/^(true|false)$/i.test(raw) && !/^[TF][A-Z]/.test(raw)) return raw.toLowerCase() === 'true';
  if (isNumber(raw)) return Number(raw);
  return flowValue(raw) ?? raw;
}

/** The text between quotes that cover the whole of `raw`; undefined when there are none. */
export function quotedText(raw: string): string | undefined {
  if (!isCovered(raw)) return undefined;
  const inner = raw[0] === '"' ? doubleQuoted(raw) : raw.slice(1, -1);
  // Ansible strips host lines of one pair of quotes before it types the value: "'text'" is its way to force a text.
  return isCovered(inner) && inner[0] !== raw[0] ? inner.slice(1, -1) : inner;
}

function isCovered(raw: string): boolean {
  const quote = raw[0];
  if (raw.length < 2 || (quote !== '"' && quote !== "'")) return false;
  for (let at = 1; at < raw.length; at += 1) {
    if (quote === '"' && raw[at] === '\\') at += 1;
    else if (raw[at] === quote) return at === raw.length - 1;
  }
  return false;
}

/** `ini` decodes JSON's escapes and gives the text back with its quotes where they are none. */
function doubleQuoted(raw: string): string {
  const decoded: unknown = unsafe(raw);
  return typeof decoded === 'string' && decoded !== raw ? decoded : raw.slice(1, -1);
}

function isNumber(raw: string): boolean {
  if (!/^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/.test(raw)) return false;
  const value = Number(raw);
  return Number.isFinite(value) && (!Number.isInteger(value) || Number.isSafeInteger(value));
}

/** The list or map that `raw` writes in YAML's flow style; undefined for anything else, templates included. */
export function flowValue(raw: string): unknown {
  const isFlow = (raw.startsWith('[') && raw.endsWith(']')) || (raw.startsWith('{') && raw.endsWith('}'));
  if (!isFlow || raw.startsWith('{{') || raw.startsWith('{%')) return undefined;
  const { node, diagnostics } = parseYaml(raw, '');
  return node && diagnostics.length === 0 && node.kind !== 'scalar' ? toPlain(node) : undefined;
}
