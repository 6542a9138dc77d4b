import { type HostName, toHostName } from '../contract/host.ts';
import { BenchError } from '../core/errors.ts';
import { suggest } from '../core/text.ts';
import { renderExplanation } from '../inventory/explain.ts';
import type { Inventory } from '../inventory/inventory.ts';
import { hostVariables, toAnsibleList, toGraph } from '../inventory/render.ts';
import { EXIT } from './exit-code.ts';
import { readInventory } from './inventory-file.ts';
import { write } from './write.ts';

export interface InventoryFlags {
  readonly json?: boolean;
  readonly graph?: boolean;
  readonly host?: string;
  readonly explain?: boolean;
}

/** `bench inventory`. */
export function showInventory(path: string, { json, host, explain }: InventoryFlags): number {
  const inventory = readInventory(path);
  const hosts = host === undefined ? [...inventory.hosts.keys()] : [knownHost(inventory, host)];
  if (explain) {
    write(hosts.map((name) => renderExplanation(inventory, name)).join('\n'));
  } else if (host !== undefined) {
    write(toJson(hostVariables(inventory, knownHost(inventory, host))));
  } else {
    write(json ? toJson(toAnsibleList(inventory)) : toGraph(inventory));
  }
  return EXIT.done;
}

function knownHost(inventory: Inventory, name: string): HostName {
  const host = toHostName(name);
  if (inventory.hosts.has(host)) return host;
  throw new BenchError('E_UNKNOWN_HOST', `${inventory.file} has no host "${name}"`, {
    hint: suggest(name, inventory.hosts.keys()),
  });
}

function toJson(value: unknown): string {
  return JSON.stringify(value, null, 4);
}
