import { type ASTNode, Environment, EvaluationError } from '@marcbachmann/cel-js';
import { DiagnosticError } from '../core/diagnostic.ts';

/** One function that conditions know beside CEL's own. */
export interface CelFunction {
  readonly usage: string;
  readonly summary: string;
}

/** What bench adds to CEL. */
export const CEL_FUNCTIONS: readonly CelFunction[] = [
  { usage: 'defined(x), defined(x.y.z)', summary: 'Whether a variable, or a path inside one, is there.' },
  { usage: 'default(x.y, fallback)', summary: 'The value of a path, or the fallback where it is not there.' },
  { usage: 'min(list), max(list), sum(list)', summary: 'Least, greatest and sum of numbers.' },
  { usage: 'int + double', summary: 'Whole numbers and others mix in + - * / and give a double.' },
];

/** What the library gives to a macro; its types leave these out. */
interface Checker {
  check(node: ASTNode, context: unknown): unknown;
  getType(name: string): unknown;
}
interface Evaluator {
  run(node: ASTNode, context: unknown): unknown;
}
interface MacroCall {
  readonly args: readonly ASTNode[];
}

const ABSENT: unique symbol = Symbol('absent');

const ABSENCE_CODES: ReadonlySet<string> = new Set(['unknown_variable', 'no_such_key', 'index_out_of_bounds']);

/** The value of a path, or ABSENT where a part of it is not there. Other errors stay errors. */
function runOrAbsent(evaluator: Evaluator, node: ASTNode, context: unknown): unknown {
  try {
    return evaluator.run(node, context);
  } catch (thrown) {
    if (thrown instanceof EvaluationError && ABSENCE_CODES.has(thrown.code)) return ABSENT;
    if (thrown instanceof DiagnosticError && thrown.diagnostics[0]?.code === 'E_UNDEFINED_VARIABLE') return ABSENT;
    throw thrown;
  }
}

function pathMacro(
  give: (value: unknown, evaluator: Evaluator, call: MacroCall, context: unknown) => unknown,
  type: string,
) {
  return ({ args }: MacroCall) => ({
    args,
    typeCheck(checker: Checker, call: MacroCall, context: unknown) {
      for (const arg of call.args) checker.check(arg, context);
      return checker.getType(type);
    },
    evaluate(evaluator: Evaluator, call: MacroCall, context: unknown) {
      const [path] = call.args;
      return give(path === undefined ? ABSENT : runOrAbsent(evaluator, path, context), evaluator, call, context);
    },
  });
}

function numbersOf(list: readonly unknown[]): readonly number[] {
  return list.map((item) => {
    if (typeof item === 'number' || typeof item === 'bigint') return Number(item);
    throw new EvaluationError({ code: 'no_matching_overload', message: 'a list of numbers is needed' });
  });
}

function leastOf(list: readonly unknown[], pick: (...numbers: number[]) => number): number | bigint {
  const numbers = numbersOf(list);
  if (numbers.length === 0) throw new EvaluationError({ code: 'index_out_of_bounds', message: 'the list is empty' });
  return whole(pick(...numbers));
}

function whole(number: number): number | bigint {
  return Number.isSafeInteger(number) ? BigInt(number) : number;
}

/** The one environment of all conditions. Making one is dear; parsing in it is cheap. */
export const celEnvironment: Environment = new Environment({
  unlistedVariablesAreDyn: true,
  homogeneousAggregateLiterals: false,
  enableOptionalTypes: true,
});

celEnvironment
  .registerFunction(
    'defined(ast): bool',
    pathMacro((value) => value !== ABSENT, 'bool'),
  )
  .registerFunction(
    'default(ast, ast): dyn',
    pathMacro((value, evaluator, { args: [, fallback] }, context) => {
      return value === ABSENT && fallback !== undefined ? evaluator.run(fallback, context) : value;
    }, 'dyn'),
  )
  .registerFunction('min(list): dyn', (list: readonly unknown[]) => leastOf(list, Math.min))
  .registerFunction('max(list): dyn', (list: readonly unknown[]) => leastOf(list, Math.max))
  .registerFunction('sum(list): dyn', (list: readonly unknown[]) => whole(numbersOf(list).reduce((a, b) => a + b, 0)));

for (const types of [
  ['int', 'double'],
  ['double', 'int'],
]) {
  const operators: readonly (readonly [string, (a: number, b: number) => number])[] = [
    ['+', (a, b) => a + b],
    ['-', (a, b) => a - b],
    ['*', (a, b) => a * b],
    ['/', (a, b) => a / b],
  ];
  for (const [operator, combine] of operators) {
    celEnvironment.registerOperator(types.join(` ${operator} `).concat(': double'), (a: unknown, b: unknown) =>
      combine(Number(a), Number(b)),
    );
  }
}

/** Names that can be called, for hints. */
export function knownFunctions(): readonly string[] {
  return [...new Set(celEnvironment.getDefinitions().functions.map(({ name }) => name))].filter((name) =>
    /^[a-z]\w*$/.test(name),
  );
}

/** Words that stand for CEL's types and its own name space: a variable of that name cannot be read in a condition. */
export const CEL_WORDS: ReadonlySet<string> = new Set(
  celEnvironment.getDefinitions().variables.map(({ name }) => name),
);
