import {
  type AliasEvent,
  EVENT_ID,
  type Event,
  getScalarValue,
  type MappingEvent,
  parseEvents,
  SCALAR_STYLE,
  type ScalarEvent,
  type SequenceEvent,
  YAMLException,
} from 'js-yaml';
import type { Diagnostic, Position } from '../core/diagnostic.ts';
import { counted, suggest } from '../core/text.ts';
import { type Locate, locator } from './text-position.ts';
import { mappingOf } from './yaml-mapping.ts';
import type { MappingNode, ScalarNode, SequenceNode, YamlNode } from './yaml-node.ts';
import { isInexact, KNOWN_TAGS, plainValue, taggedValue } from './yaml-scalar.ts';

export interface ParsedYaml {
  /** Undefined for a document without content and for one that cannot be read at all. */
  readonly node: YamlNode | undefined;
  readonly diagnostics: readonly Diagnostic[];
}

/** Nodes that a document may have after its aliases were replaced; ten lines of YAML can stand for billions. */
const MOST_NODES = 100_000;

/** YAML 1.2 (core schema, one document, `<<` merges) as nodes with positions. Pure; never throws on bad text. */
export function parseYaml(text: string, file: string): ParsedYaml {
  const locate = locator(text, file);
  let events: readonly Event[];
  try {
    events = parseEvents(text, {});
  } catch (thrown) {
    if (!(thrown instanceof YAMLException)) throw thrown;
    return { node: undefined, diagnostics: [syntaxDiagnostic(thrown, text, locate)] };
  }
  const builder = new NodeBuilder(text, locate, events);
  const node = builder.build();
  return { node, diagnostics: builder.diagnostics.toSorted(byPlace) };
}

function byPlace(a: Diagnostic, b: Diagnostic): number {
  return (a.at?.line ?? 0) - (b.at?.line ?? 0) || (a.at?.column ?? 0) - (b.at?.column ?? 0);
}

function syntaxDiagnostic({ reason, mark }: YAMLException, text: string, locate: Locate): Diagnostic {
  const at = locate(Math.min(mark?.position ?? 0, text.length));
  const nearby = text.split('\n').slice(Math.max(0, at.line - 2), at.line);
  const isTemplate = nearby.some((line) => /(:|-)\s+\{\{.*\}\}/.test(line));
  const isOpen = /quoted|flow|deficient/.test(reason);
  const open = isOpen ? 'look above for a quote or a bracket that is not closed' : undefined;
  const hint = isTemplate ? 'a value that begins with {{ needs quotes: "{{ … }}"' : open;
  return { code: 'E_YAML', at, message: `not valid YAML: ${reason}`, ...(hint && { hint }) };
}

interface Anchored {
  /** Undefined while the anchor's own content is being read. */
  readonly node: YamlNode | undefined;
  readonly size: number;
}

/** A class because all its steps move one cursor through the events. */
class NodeBuilder {
  readonly diagnostics: Diagnostic[] = [];
  readonly #text: string;
  readonly #locate: Locate;
  readonly #events: readonly Event[];
  readonly #anchors = new Map<string, Anchored>();
  #next = 0;
  #size = 0;
  #isFull = false;
  /** Where the last thing stood: the place of an empty value. */
  #last: Position;

  constructor(text: string, locate: Locate, events: readonly Event[]) {
    this.#text = text;
    this.#locate = locate;
    this.#events = events;
    this.#last = locate(0);
  }

  build(): YamlNode | undefined {
    this.#next = 1;
    const node = this.#atPop() ? undefined : this.#node();
    this.#next += 1;
    const second = this.#events.slice(this.#next).find((event) => 'valueStart' in event || 'start' in event);
    if (second) {
      const at = this.#locate('start' in second ? second.start : 'valueStart' in second ? second.valueStart : 0);
      this.#report('E_YAML_DOCUMENTS', at, 'a second document begins here; one file holds one', 'split the file');
    }
    return node;
  }

  #atPop(): boolean {
    const event = this.#events[this.#next];
    return event === undefined || event.type === EVENT_ID.POP;
  }

  #node(): YamlNode {
    const event = this.#events[this.#next];
    this.#next += 1;
    this.#size += 1;
    switch (event?.type) {
      case EVENT_ID.SCALAR:
        return this.#anchored(event, () => this.#scalar(event));
      case EVENT_ID.SEQUENCE:
        return this.#anchored(event, () => this.#sequence(event));
      case EVENT_ID.MAPPING:
        return this.#anchored(event, () => this.#mapping(event));
      case EVENT_ID.ALIAS:
        return this.#alias(event);
      default:
        throw new TypeError('the YAML parser gave an event where a node had to come');
    }
  }

  #anchored(event: ScalarEvent | SequenceEvent | MappingEvent, read: () => YamlNode): YamlNode {
    if (event.anchorStart < 0) return read();
    const anchor = this.#text.slice(event.anchorStart, event.anchorEnd);
    const before = this.#size - 1;
    this.#anchors.set(anchor, { node: undefined, size: 0 });
    const node = read();
    this.#anchors.set(anchor, { node, size: this.#size - before });
    return node;
  }

  #alias({ anchorStart, anchorEnd }: AliasEvent): YamlNode {
    const name = this.#text.slice(anchorStart, anchorEnd);
    const at = this.#place(anchorStart - 1, anchorEnd);
    const anchored = this.#anchors.get(name);
    if (anchored?.node && this.#size + anchored.size <= MOST_NODES) {
      this.#size += anchored.size;
      return anchored.node;
    }
    if (!anchored) {
      const hint = this.#anchors.size > 0 ? suggest(name, this.#anchors.keys()) : undefined;
      this.#report('E_YAML_ALIAS', at, `no anchor &${name} stands before this alias`, hint);
    } else if (!anchored.node) {
      this.#report('E_YAML_ALIAS', at, `alias *${name} stands inside its own anchor`);
    } else if (!this.#isFull) {
      this.#isFull = true;
      const limit = counted(MOST_NODES, 'node');
      this.#report('E_YAML_TOO_LARGE', at, `with alias *${name} written out the file has more than ${limit}`);
    }
    return { kind: 'scalar', value: null, at, isQuoted: false };
  }

  #scalar(event: ScalarEvent): ScalarNode {
    const isQuoted = event.style !== SCALAR_STYLE.PLAIN;
    const at = this.#scalarPlace(event);
    const source = getScalarValue(this.#text, event);
    const tag = this.#tagOf(event, at);
    const value = tag ? taggedValue(source, tag) : isQuoted ? source : plainValue(source);
    if (value === undefined) this.#report('E_YAML_TAG', at, `"${source}" is no ${tag?.slice(2)}`);
    else if (isInexact(value)) {
      this.#report('E_YAML_NUMBER', at, `${source} has more digits than a number can hold`, `quote it: "${source}"`);
    }
    return { kind: 'scalar', value: value ?? null, at, isQuoted: isQuoted || tag === '!!str' || tag === '!' };
  }

  #sequence(event: SequenceEvent): SequenceNode {
    const at = this.#place(event.start, event.start + 1);
    this.#tagOf(event, at);
    const items: YamlNode[] = [];
    while (!this.#atPop()) items.push(this.#node());
    this.#next += 1;
    return { kind: 'sequence', items, at };
  }

  #mapping(event: MappingEvent): MappingNode {
    const at = this.#place(event.start, event.start + 1);
    this.#tagOf(event, at);
    const pairs: { readonly key: YamlNode; readonly value: YamlNode }[] = [];
    while (!this.#atPop()) {
      const key = this.#node();
      this.#last = key.at;
      pairs.push({ key, value: this.#node() });
    }
    this.#next += 1;
    const { entries, diagnostics } = mappingOf(pairs);
    this.diagnostics.push(...diagnostics);
    return { kind: 'mapping', entries, at };
  }

  #tagOf(event: ScalarEvent | SequenceEvent | MappingEvent, at: Position): string | undefined {
    if (event.tagStart < 0) return undefined;
    const tag = this.#text.slice(event.tagStart, event.tagEnd);
    if (KNOWN_TAGS.includes(tag)) return tag;
    const hint = tag === '!vault' ? 'read the secret from a file or from the environment' : suggest(tag, KNOWN_TAGS);
    this.#report('E_YAML_TAG', this.#locate(event.tagStart, event.tagEnd - event.tagStart), `unknown tag ${tag}`, hint);
    this.#last = at;
    return undefined;
  }

  #scalarPlace({ valueStart, valueEnd, style, indent }: ScalarEvent): Position {
    if (valueStart < 0) return this.#last;
    if (style === SCALAR_STYLE.PLAIN) return this.#place(valueStart, valueEnd);
    if (style === SCALAR_STYLE.SINGLE_QUOTED || style === SCALAR_STYLE.DOUBLE_QUOTED) {
      return this.#place(valueStart - 1, valueEnd + 1);
    }
    return this.#place(valueStart + Math.max(0, indent), valueStart + Math.max(0, indent) + 1);
  }

  #place(start: number, end: number): Position {
    const line = this.#text.slice(start, end).split(/\r?\n/)[0] ?? '';
    this.#last = this.#locate(start, Math.max(1, line.length));
    return this.#last;
  }

  #report(code: string, at: Position, message: string, hint?: string): void {
    this.diagnostics.push({ code, at, message, ...(hint && { hint }) });
  }
}
