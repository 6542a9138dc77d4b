import Handlebars from 'handlebars';
import { callHelper, followPath, missingHead } from './expression.ts';
import { cachedByText, type Span, TextFault } from './fault.ts';
import { INSIST, insistProgram } from './insist.ts';
import { parseTemplate } from './parse-template.ts';
import { isMapping, kindOf, OMIT, propertyOf, type Scope, textOfValue } from './values.ts';

const engine = Handlebars.create();
for (const name of ['lookup', 'log', 'helperMissing', 'blockHelperMissing']) engine.unregisterHelper(name);

function spanFrom(key: unknown): Span {
  const [offset = '0', length = '1'] = String(key).split(':');
  return { offset: Number(offset), length: Number(length) };
}

/** Handlebars gives every helper its options last. */
function withoutOptions(args: readonly unknown[]): readonly unknown[] {
  return args.slice(0, -1);
}

function rootOf(args: readonly unknown[]): Scope {
  const options = args.at(-1);
  const frame = isMapping(options) && isMapping(options['data']) ? options['data'] : {};
  return isMapping(frame['root']) ? frame['root'] : {};
}

/**
 * What can be the context of a block: Handlebars compares contexts with `!=`, and so turns one that is compared with a
 * text into a text, which a scope of computed variables cannot be.
 */
function asContext(value: unknown): unknown {
  if (!isMapping(value) || typeof value['toString'] === 'function') return value;
  const context = {};
  for (const name of Object.keys(value)) {
    Object.defineProperty(context, name, { enumerable: true, get: () => asContext(value[name]) });
  }
  return context;
}

engine.registerHelper({
  [INSIST.text]: (key: unknown, value: unknown) => textOfValue(value, spanFrom(key)),
  [INSIST.omit]: () => OMIT,
  [INSIST.call](key: unknown, ...args: readonly unknown[]) {
    const [name, ...params] = withoutOptions(args);
    return callHelper(String(name), params, spanFrom(key));
  },
  [INSIST.path](this: unknown, key: unknown, head: unknown, ...args: readonly unknown[]) {
    const parts = withoutOptions(args).map(String);
    const [name = ''] = parts;
    const root = rootOf(args);
    // Handlebars' search through the contexts takes null for nothing.
    const isNull = head === undefined && (propertyOf(this, name) === null || propertyOf(root, name) === null);
    if (head === undefined && !isNull) throw missingHead(name, this, root, spanFrom(key));
    return followPath(isNull ? null : head, parts, spanFrom(key));
  },
  [INSIST.context]: (_key: unknown, value: unknown) => asContext(value),
  [INSIST.items](key: unknown, value: unknown) {
    if (Array.isArray(value) || isMapping(value)) return asContext(value);
    throw new TextFault(
      'E_TEMPLATE_VALUE',
      `#each goes through a list or a mapping, got ${kindOf(value)}`,
      spanFrom(key),
    );
  },
});

const KNOWN_HELPERS = Object.fromEntries(
  ['if', 'unless', 'each', 'with', ...Object.values(INSIST)].map((name) => [name, true]),
);

/** A template with blocks, ready to run. Throws TextFault, when made and when run. */
export const compileTemplate: (text: string) => (scope: Scope) => string = cachedByText((text) => {
  const program = insistProgram(parseTemplate(text).program, text);
  const run = engine.compile<unknown>(program, {
    noEscape: true,
    // A name inside #each and #with that the item has not is looked for outside, as a reader of loops expects.
    compat: true,
    knownHelpersOnly: true,
    // The type wants every built-in helper named; those that are gone must not be.
    knownHelpers: KNOWN_HELPERS as unknown as KnownHelpers,
  });
  return (scope) => run(asContext(scope));
});
