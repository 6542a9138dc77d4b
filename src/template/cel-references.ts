import type { ASTNode } from '@marcbachmann/cel-js';
import { CEL_WORDS } from './cel-environment.ts';
import { type Span, TextFault } from './fault.ts';

export interface CelReference {
  readonly root: string;
  readonly path: readonly string[];
  readonly span: Span;
  readonly isOptional: boolean;
}

interface Surroundings {
  /** Names bound by `list.map(name, …)` and the like. */
  readonly locals: ReadonlySet<string>;
  readonly isOptional: boolean;
}

const BINDING_METHODS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'filter', 'map', 'bind']);

/** Every variable that an expression reads, with what is read inside it. Throws TextFault for a name that CEL keeps. */
export function celReferences(ast: ASTNode): readonly CelReference[] {
  const found: CelReference[] = [];
  collect(ast, { locals: new Set(['cel', 'optional']), isOptional: false }, found);
  return found;
}

function collect(node: ASTNode, around: Surroundings, found: CelReference[]): void {
  const path = pathOf(node);
  if (path) {
    const [root = '', ...rest] = path.parts;
    const isOptional = around.isOptional;
    if (CEL_WORDS.has(root) && !around.locals.has(root)) throw takenWord(root, path.span);
    if (!around.locals.has(root)) found.push({ root, path: rest, span: path.span, isOptional });
    return;
  }
  switch (node.op) {
    case 'call': {
      const [name, args] = node.args;
      for (const [index, arg] of args.entries()) {
        const isOptional = around.isOptional || (index === 0 && (name === 'defined' || name === 'default'));
        collect(arg, { ...around, isOptional }, found);
      }
      return;
    }
    case 'rcall': {
      const [method, receiver, args] = node.args;
      collect(receiver, around, found);
      const [first, ...rest] = args;
      if (first?.op === 'id' && rest.length > 0 && BINDING_METHODS.has(method)) {
        const locals = new Set([...around.locals, first.args]);
        for (const arg of rest) collect(arg, { ...around, locals }, found);
      } else for (const arg of args) collect(arg, around, found);
      return;
    }
    default:
      for (const child of childrenOf(node)) {
        if (!isTypeTest(node) || child.op !== 'id') collect(child, around, found);
      }
  }
}

/** `type(x) == string`: the one place where the name of a type is meant. */
function isTypeTest(node: ASTNode): boolean {
  if (node.op !== '==' && node.op !== '!=') return false;
  return (
    node.args.some((side) => side.op === 'call' && side.args[0] === 'type') && node.args.some(({ op }) => op === 'id')
  );
}

function takenWord(name: string, span: Span): TextFault {
  const message = `"${name}" is a word of CEL here and not a variable`;
  return new TextFault('E_CONDITION_SYNTAX', message, span, `give the variable another name: my_${name}`);
}

function childrenOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
    case '.?':
      return [node.args[0]];
    case '!_':
    case '-_':
      return [node.args];
    case 'map':
      return node.args.flat();
    case 'call':
      return node.args[1];
    case 'rcall':
      return [node.args[1], ...node.args[2]];
    default:
      return node.args;
  }
}

/** `a.b["c"]` as its names; undefined for anything that is not a fixed path. */
function pathOf(node: ASTNode): { readonly parts: readonly string[]; readonly span: Span } | undefined {
  if (node.op === 'id') return { parts: [node.args], span: { offset: node.start, length: node.end - node.start } };
  if (node.op === '.') {
    const inner = pathOf(node.args[0]);
    return inner && { ...inner, parts: [...inner.parts, node.args[1]] };
  }
  if (node.op !== '[]') return undefined;
  const [container, key] = node.args;
  if (key.op !== 'value' || typeof key.args !== 'string') return undefined;
  const inner = pathOf(container);
  return inner && { ...inner, parts: [...inner.parts, key.args] };
}
