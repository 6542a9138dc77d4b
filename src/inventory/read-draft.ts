import { type Draft, newDraft } from './draft.ts';
import { foreignFormat } from './foreign-format.ts';
import { readLines } from './read-lines.ts';

/** What the text of an inventory file says, or that it is no INI at all. */
export function readDraft(text: string, file: string): Draft {
  const foreign = foreignFormat(text, file);
  return foreign ? { ...newDraft(file), diagnostics: [foreign] } : readLines(text, file);
}
