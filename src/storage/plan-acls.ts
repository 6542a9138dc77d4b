import { isSameChap } from './chap.ts';
import type { Iqn } from './iqn.ts';
import type { TargetChange } from './target-change.ts';
import type { Acl, Target } from './target-state.ts';
import type { WantedAcl, WantedTarget } from './target-wish.ts';

/** Who may come in, with which password, and which LUNs they see. */
export function planAcls(target: Target | undefined, wanted: WantedTarget): readonly TargetChange[] {
  const existing = target?.acls ?? [];
  const path = `/iscsi/${wanted.name}/tpg1/acls`;
  const surplus = existing.filter((acl) => !wanted.acls.some(({ initiator }) => initiator === acl.initiator));
  const removals = surplus.map(({ initiator }) => ({
    what: `access of ${initiator} to ${wanted.name}`,
    before: 'allowed',
    after: undefined,
    commands: [{ line: `${path} delete ${initiator}` }],
  }));
  const kept = wanted.acls.flatMap((acl) => {
    const now = existing.find(({ initiator }) => initiator === acl.initiator);
    return [
      ...(now === undefined ? [newAcl(path, wanted.name, acl.initiator)] : planMappings(path, now, target, wanted)),
      ...planChap(path, wanted.name, now, acl),
    ];
  });
  return [...(wanted.surplus === 'remove' ? removals : []), ...kept];
}

/** A new ACL gets every LUN of the target by itself. */
function newAcl(path: string, target: Iqn, initiator: Iqn): TargetChange {
  const commands = [{ line: `${path} create ${initiator}` }];
  return { what: `access of ${initiator} to ${target}`, before: undefined, after: 'allowed', commands };
}

function planChap(
  path: string,
  target: Iqn,
  now: Acl | undefined,
  { initiator, chap }: WantedAcl,
): readonly TargetChange[] {
  if (isSameChap(now?.chap, chap)) return [];
  const user = chap?.user ?? '';
  const password = chap?.password.reveal() ?? '';
  return [
    {
      what: `password of ${initiator} at ${target}`,
      before: now?.chap && 'set',
      after: chap && 'set',
      isSecret: true,
      commands: [{ line: `${path}/${initiator} set auth userid=${user} password=${password}` }],
    },
  ];
}

/** A LUN that is made in the same run is mapped into the existing ACLs by targetcli itself; an older one that lacks is not. */
function planMappings(
  path: string,
  acl: Acl,
  target: Target | undefined,
  wanted: WantedTarget,
): readonly TargetChange[] {
  const stays = (number: number, backstore: string) =>
    target?.luns.some((lun) => lun.number === number && lun.backstore === `fileio/${backstore}`) ?? false;
  return wanted.luns
    .filter(({ number, backstore }) => stays(number, backstore.name))
    .flatMap(({ number }) => {
      const mapped = acl.luns.find((one) => one.number === number);
      if (mapped?.targetLun === number && !mapped.isReadOnly) return [];
      const make = { line: `${path}/${acl.initiator} create mapped_lun=${number} tpg_lun_or_backstore=${number}` };
      const drop = { line: `${path}/${acl.initiator} delete mapped_lun=${number}` };
      return [
        {
          what: `LUN ${number} for ${acl.initiator}`,
          before: mapped && (mapped.isReadOnly ? 'read-only' : `LUN ${mapped.targetLun} of the target`),
          after: 'read and write',
          commands: mapped === undefined ? [make] : [drop, make],
        },
      ];
    });
}
