import type { MappingEntry, MappingNode, YamlNode } from '../contract/yaml-node.ts';
import { nearest } from '../core/text.ts';
import { hintForForeign, KEYWORDS_BY_NAME, keywordsOf, type Place } from './keywords.ts';
import type { Problems } from './problems.ts';
import { checkValue } from './values.ts';

const PLACE_NAMES: Readonly<Record<Place, string>> = {
  play: 'a play',
  task: 'a task',
  handler: 'a handler',
  block: 'a block',
  include: 'a task that takes in other tasks',
  import: 'import_playbook',
  meta: 'a meta task',
  loop_control: 'loop_control',
};

/** The keywords of one mapping whose values are right, by name. */
export type Fields = ReadonlyMap<string, YamlNode>;

/** Reads a mapping's keywords. Unknown ones are reported, except where `isElse` says that it takes them itself. */
export function readFields(
  mapping: MappingNode,
  place: Place,
  problems: Problems,
  isElse: (entry: MappingEntry) => boolean = () => false,
): Fields {
  const fields = new Map<string, YamlNode>();
  for (const entry of mapping.entries) {
    const keyword = KEYWORDS_BY_NAME.get(entry.key);
    if (keyword?.places.includes(place)) {
      if (checkValue(keyword, entry.value, problems)) fields.set(entry.key, entry.value);
    } else if (!isElse(entry)) reportUnknownKey(entry, place, problems);
  }
  return fields;
}

export function reportUnknownKey({ key, keyAt }: MappingEntry, place: Place, problems: Problems): void {
  const elsewhere = KEYWORDS_BY_NAME.get(key)?.places;
  if (elsewhere) {
    const where = elsewhere.map((other) => PLACE_NAMES[other]).join(', ');
    problems.report(
      'E_UNKNOWN_KEY',
      keyAt,
      `"${key}" does not belong to ${PLACE_NAMES[place]}`,
      misplacedHint(key, place) ?? `it belongs to ${where}`,
    );
    return;
  }
  const foreign = hintForForeign(key);
  const known = keywordsOf(place);
  const near = nearest(key, known);
  const hint = foreign ?? (near ? `did you mean "${near}"?` : `known: ${known.toSorted().join(', ')}`);
  problems.report('E_UNKNOWN_KEY', keyAt, `unknown keyword "${key}" of ${PLACE_NAMES[place]}`, hint);
}

function misplacedHint(key: string, place: Place): string | undefined {
  if (place === 'block' && key === 'loop') return "put the block's tasks into a file and loop over include_tasks";
  if (place === 'include' && key === 'register') return 'register in the tasks of that file';
  if (place === 'play' && key === 'when') return 'put it into "when" of a block around the tasks';
  if (place === 'task' && key === 'listen') return 'it belongs to a handler; a task has notify';
  return undefined;
}
