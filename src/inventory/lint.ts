import type { Diagnostic } from '../core/diagnostic.ts';
import type { Draft } from './draft.ts';
import type { Inventory, InventoryHost } from './inventory.ts';

/** What is legal in an inventory and most likely not meant. */
export function lintInventory(inventory: Inventory, draft: Draft): Diagnostic[] {
  return [
    ...emptyGroups(inventory, draft),
    ...looseHosts(inventory),
    ...sameNames(inventory, draft),
    ...sameAddresses(inventory),
  ];
}

function emptyGroups(inventory: Inventory, draft: Draft): Diagnostic[] {
  // Hosts of the same groups share one array.
  const used = new Set<string>();
  for (const groups of new Set([...inventory.hosts.values()].map((host) => host.groups))) {
    for (const name of groups) used.add(name);
  }
  return [...draft.groups.values()]
    .filter(({ name, isDefined }) => isDefined && !used.has(name) && name !== 'all' && name !== 'ungrouped')
    .map(({ name, at }) => ({
      code: 'W_INVENTORY_EMPTY_GROUP',
      at,
      message: `group ${name} holds no host, nor do its children`,
      hint: `write a host below [${name}], or remove the group`,
    }));
}

function looseHosts(inventory: Inventory): Diagnostic[] {
  if (inventory.groups.size === 2) return [];
  return [...inventory.hosts.values()]
    .filter(({ groups }) => groups.length === 1 && groups[0] === 'ungrouped')
    .map(({ name, at }) => ({
      code: 'W_INVENTORY_LOOSE_HOST',
      at,
      message: `host ${name} is in no group`,
      hint: 'move its line below the heading of its group',
    }));
}

function sameNames(inventory: Inventory, draft: Draft): Diagnostic[] {
  return [...inventory.hosts.values()].flatMap(({ name, at }) => {
    const group = draft.groups.get(name);
    if (!group) return [];
    const message = `${name} is the name of a host and of a group (line ${group.at.line}); patterns mean the group`;
    return [{ code: 'W_INVENTORY_SAME_NAME', at, message, hint: 'rename one of the two' }];
  });
}

function sameAddresses(inventory: Inventory): Diagnostic[] {
  const first = new Map<string, InventoryHost>();
  const warnings: Diagnostic[] = [];
  for (const host of inventory.hosts.values()) {
    const address = host.variables.get('ansible_host');
    const port = host.variables.get('ansible_port');
    const place = `${address?.value ?? host.name} port ${port?.value ?? 22}`;
    if (place.includes('{{') || host.variables.get('ansible_connection')?.value === 'local') continue;
    const other = first.get(place);
    if (!other) {
      first.set(place, host);
      continue;
    }
    const message = `${host.name} and ${other.name} are reached at the same place: ${place}`;
    const hint = `give one of them another ansible_host; ${other.name} stands in line ${other.at.line}`;
    warnings.push({ code: 'W_INVENTORY_SAME_ADDRESS', at: address?.at ?? host.at, message, hint });
  }
  return warnings;
}
