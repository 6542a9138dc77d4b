import type { TextPosition } from '../contract/text-pieces.ts';
import { positionInside } from '../contract/text-pieces.ts';
import type { Diagnostic, Position } from '../core/diagnostic.ts';
import { counted, suggest } from '../core/text.ts';
import { expressionOf, isCall, isOmit, isPath, type Mode, modeOf } from './expression.ts';
import { cachedByText, type Span, TextFault, toDiagnostic } from './fault.ts';
import { HELPERS_BY_NAME } from './helpers.ts';
import { isBlock, isMustache } from './insist.ts';
import { hasTemplate, parseTemplate, spanOf } from './parse-template.ts';

/** A variable that a text reads. */
export interface Reference {
  readonly root: string;
  /** What is read inside it: `['os', 'family']` for `facts.os.family`. */
  readonly path: readonly string[];
  readonly at: Position;
  /** It may be undefined: the text asks for that, as with `default`. */
  readonly isOptional: boolean;
}

export interface Checked {
  readonly diagnostics: readonly Diagnostic[];
  readonly references: readonly Reference[];
}

interface Found {
  readonly faults: readonly TextFault[];
  readonly paths: readonly { readonly parts: readonly string[]; readonly span: Span; readonly isOptional: boolean }[];
}

/** Syntax, helpers and the variables that a text reads, without rendering it. Pure; never throws. */
export function checkText(text: string, at: Position | TextPosition): Checked {
  if (!hasTemplate(text) && !text.includes('{%')) return { diagnostics: [], references: [] };
  const { faults, paths } = analyse(text);
  return {
    diagnostics: faults.map((fault) => toDiagnostic(fault, text, at)),
    references: paths.map(({ parts: [root = '', ...path], span, isOptional }) => ({
      root,
      path,
      at: positionInside(at, text, span),
      isOptional,
    })),
  };
}

/** The same for a whole template file. */
export function checkTemplateFile(text: string, file: string): Checked {
  return checkText(text, { file, line: 1, column: 1 });
}

/** The first fault of a text that can be known without variables; kept by text, so that rendering asks for nothing twice. */
export function assertChecked(text: string): void {
  const [fault] = analyse(text).faults;
  if (fault) throw fault;
}

const analyse: (text: string) => Found = cachedByText((text) => {
  try {
    const analysis = new Analysis(text);
    analysis.program(parseTemplate(text).program, { locals: new Set(), depth: 0 });
    return analysis;
  } catch (thrown) {
    if (thrown instanceof TextFault) return { faults: [thrown], paths: [] };
    throw thrown;
  }
});

interface Surroundings {
  /** Names given by `as |item index|`. */
  readonly locals: ReadonlySet<string>;
  /** How many `#each` and `#with` stand around. */
  readonly depth: number;
}

const BLOCKS = ['if', 'unless', 'each', 'with'];
const FRAME_NAMES = ['root', 'index', 'key', 'first', 'last'];

/** A class because what it finds is collected over the whole tree. */
class Analysis implements Found {
  readonly faults: TextFault[] = [];
  readonly paths: Found['paths'][number][] = [];
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  program(program: hbs.AST.Program, around: Surroundings): void {
    for (const statement of program.body) this.#statement(statement, around);
  }

  #statement(statement: hbs.AST.Statement, around: Surroundings): void {
    if (isMustache(statement)) this.#expression(expressionOf(statement), around);
    else if (isBlock(statement)) this.#block(statement, around);
    else if (statement.type !== 'ContentStatement' && statement.type !== 'CommentStatement') {
      const hint = 'partials and decorators are not known; write the text where it is needed';
      this.#fault(statement, 'only {{value}}, {{helper a b}} and {{#block}} are known', hint);
    }
  }

  #block(block: hbs.AST.BlockStatement, around: Surroundings): void {
    const name = block.path.original;
    if (!BLOCKS.includes(name)) {
      const hint = HELPERS_BY_NAME.has(name) ? `write {{#if (${name} …)}}` : suggest(name, BLOCKS);
      this.#fault(block.path, `unknown block "#${name}"`, `${hint}; blocks are #if, #unless, #each, #with`);
    } else if (block.params.length !== 1) {
      this.#fault(
        block.path,
        `#${name} takes one value, got ${block.params.length}`,
        `use brackets: {{#${name} (helper a b)}}`,
      );
    }
    for (const param of block.params) this.#expression(param, around);
    const isScoped = name === 'each' || name === 'with';
    const locals = new Set([...around.locals, ...(block.program.blockParams ?? [])]);
    this.program(block.program, { locals, depth: around.depth + (isScoped ? 1 : 0) });
    if (block.inverse) this.program(block.inverse, around);
  }

  #expression(node: hbs.AST.Expression, around: Surroundings, mode: Mode = 'strict'): void {
    if (isPath(node)) this.#path(node, around, mode);
    else if (isCall(node)) this.#call(node, around);
  }

  #call(node: hbs.AST.SubExpression, around: Surroundings): void {
    const name = node.path.original;
    const helper = HELPERS_BY_NAME.get(name);
    if (!helper) {
      this.#fault(node.path, `unknown helper "${name}"`, suggest(name, HELPERS_BY_NAME.keys()));
    } else if (node.params.length < helper.least || node.params.length > helper.most) {
      const wanted =
        helper.least === helper.most
          ? counted(helper.least, 'argument')
          : `${helper.least} to ${helper.most} arguments`;
      this.#fault(node, `helper "${name}" takes ${wanted}, got ${node.params.length}`, `it is written ${helper.usage}`);
    }
    if (node.hash?.pairs.length)
      this.#fault(node.hash, 'helpers take no name=value', helper && `it is written ${helper.usage}`);
    for (const [index, param] of node.params.entries()) this.#expression(param, around, modeOf(name, index));
  }

  #path(path: hbs.AST.PathExpression, around: Surroundings, mode: Mode): void {
    const [first] = path.parts;
    if (first === undefined || isOmit(path)) return;
    if (path.data) this.#frameName(path, first, around);
    const isScoped = /^(\.|this\b)/.test(path.original);
    if (!path.data && !isScoped && path.depth === 0 && around.locals.has(first)) return;
    if (path.depth > around.depth) {
      this.#fault(path, `${path.original} leads out of all blocks`, `write {{${path.parts.join('.')}}}`);
    }
    const isRoot = path.data ? first === 'root' : path.depth >= around.depth;
    // A bare name inside #each is the item's or, where it has none, the one outside.
    const isPerhapsRoot = !path.data && !isScoped && path.depth === 0;
    const parts = path.data ? path.parts.slice(1) : path.parts;
    if ((isRoot || isPerhapsRoot) && parts.length > 0) {
      this.paths.push({ parts, span: spanOf(this.#text, path), isOptional: !isRoot || mode === 'lenient' });
    }
  }

  #frameName(path: hbs.AST.PathExpression, name: string, around: Surroundings): void {
    if (!FRAME_NAMES.includes(name)) {
      const known = FRAME_NAMES.map((frameName) => `@${frameName}`);
      this.#fault(path, `unknown name "@${name}"`, suggest(`@${name}`, known));
    } else if (name !== 'root' && around.depth === 0) {
      this.#fault(path, `"@${name}" is known only inside #each`);
    }
  }

  #fault(node: hbs.AST.Node, message: string, hint?: string): void {
    this.faults.push(new TextFault('E_TEMPLATE_SYNTAX', message, spanOf(this.#text, node), hint));
  }
}
