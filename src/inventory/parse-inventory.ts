import { buildInventory, type InventoryResult, NO_FILES } from './build-inventory.ts';
import { readDraft } from './read-draft.ts';

/** Checks the text of an INI inventory, without what group_vars and host_vars say. Pure; never throws on bad text. */
export function parseInventory(text: string, file: string): InventoryResult {
  return buildInventory(readDraft(text, file), new Map([[file, text]]), NO_FILES);
}
