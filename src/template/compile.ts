import Handlebars from 'handlebars';
import { callHelper, followPath, missingHead } from './expression.ts';
import { cachedByText, type Span, TextFault } from './fault.ts';
import { INSIST, insistProgram } from './insist.ts';
import { parseTemplate } from './parse-template.ts';
import { isMapping, kindOf, OMIT, type Scope, textOfValue } from './values.ts';

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

engine.registerHelper({
  [INSIST.text]: (key: unknown, value: unknown) => textOfValue(value, spanFrom(key)),
  [INSIST.omit]: () => OMIT,
  [INSIST.call](key: unknown, ...args: readonly unknown[]) {
    const [name, ...params] = withoutOptions(args);
    return callHelper(String(name), params, spanFrom(key));
  },
  [INSIST.path](this: unknown, key: unknown, head: unknown, ...args: readonly unknown[]) {
    const parts = withoutOptions(args).map(String);
    if (head === undefined) throw missingHead(parts[0] ?? '', this, rootOf(args), spanFrom(key));
    return followPath(head, parts, spanFrom(key));
  },
  [INSIST.items](key: unknown, value: unknown) {
    if (Array.isArray(value) || isMapping(value)) return value;
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
  const run = engine.compile<Scope>(program, {
    noEscape: true,
    knownHelpersOnly: true,
    // The type wants every built-in helper named; those that are gone must not be.
    knownHelpers: KNOWN_HELPERS as unknown as KnownHelpers,
  });
  return (scope) => run(scope);
});
