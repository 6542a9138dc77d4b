import type { Iqn } from './iqn.ts';
import { isSamePortal, type Portal, showPortal, WILDCARD } from './portal.ts';
import type { TargetChange } from './target-change.ts';
import type { Target } from './target-state.ts';
import type { WantedTarget } from './target-wish.ts';
import type { TargetCommand } from './targetcli.ts';

/** The wildcard goes first: while it stands, the kernel refuses every specific address on its port, and gives no reason. */
export function planPortals(
  target: Target | undefined,
  { name, portals, surplus }: WantedTarget,
): readonly TargetChange[] {
  const path = `/iscsi/${name}/tpg1/portals`;
  const isWanted = (portal: Portal) => portals.some((one) => isSamePortal(one, portal));
  const blocked = portals.some(({ address, port }) => address !== WILDCARD.address && port === WILDCARD.port);
  const unwanted = (target?.portals ?? []).filter((portal) => {
    if (isWanted(portal)) return false;
    return surplus === 'remove' || (blocked && isSamePortal(portal, WILDCARD));
  });
  const removals = unwanted.map((portal) => ({
    what: `portal ${showPortal(portal)} of ${name}`,
    before: 'present',
    after: undefined,
    commands: [{ line: `${path} delete ${portal.address} ${portal.port}` }],
  }));
  const missing = portals.filter((portal) => !(target?.portals ?? []).some((one) => isSamePortal(one, portal)));
  const additions = missing.map((portal) => ({
    what: `portal ${showPortal(portal)} of ${name}`,
    before: undefined,
    after: 'present',
    commands: [{ line: `${path} create ${portal.address} ${portal.port}` }],
  }));
  return [...removals, ...withDefaultPortal(target, name, isWanted(WILDCARD), additions)];
}

/** A new target comes with the wildcard, or without it where another target's portal is in its way: both are expected. */
function withDefaultPortal(
  target: Target | undefined,
  name: Iqn,
  isWanted: boolean,
  additions: readonly TargetChange[],
): readonly TargetChange[] {
  const [first, ...rest] = additions;
  if (target !== undefined || first === undefined) return additions;
  const { address, port } = WILDCARD;
  const group = `/sys/kernel/config/target/iscsi/${name}/tpgt_1/np/${showPortal(WILDCARD)}`;
  const making: readonly TargetCommand[] = isWanted
    ? first.commands.map(({ line }) => ({ line, harmless: ['This NetworkPortal already exists in configFS'] }))
    : [
        {
          line: `/iscsi/${name}/tpg1/portals delete ${address} ${port}`,
          harmless: [`No such NetworkPortal in configfs: ${group}`],
        },
        ...first.commands,
      ];
  return [{ ...first, commands: making }, ...rest];
}
