import type { Change } from '../contract/step.ts';
import { PreconditionError } from '../core/errors.ts';
import type { Iqn } from './iqn.ts';
import { planAcls } from './plan-acls.ts';
import { planPortals } from './plan-portals.ts';
import type { TargetChange } from './target-change.ts';
import type { Backstore, Target, TargetState } from './target-state.ts';
import { type WantedBackstore, type WantedTarget, wantedAttributes } from './target-wish.ts';
import { targetcliStep } from './targetcli.ts';

/**
 * What has to be done, in an order that targetcli takes: backstores, target, LUNs, attributes, ACLs, portals last, so that
 * nobody finds a half-made target. Throws `PreconditionError` where a wish could only be met by destroying data.
 */
export function planTarget(state: TargetState, wanted: WantedTarget): readonly Change[] {
  const target = state.targets.find(({ name }) => name === wanted.name);
  return asChanges([
    ...wanted.luns.flatMap(({ backstore }) => planBackstore(state, backstore)),
    ...(target === undefined ? [newTarget(wanted.name)] : []),
    ...planLuns(target, wanted),
    ...planAttributes(target, wanted),
    ...planAcls(target, wanted),
    ...planEnabled(target),
    ...planPortals(target, wanted),
  ]);
}

/** Takes a target away, and the backstores of its LUNs; the files behind them stay. */
export function planTargetAbsent(state: TargetState, name: Iqn): readonly Change[] {
  const target = state.targets.find((one) => one.name === name);
  if (target === undefined) return [];
  const used = (backstore: string) =>
    state.targets.some((one) => one.name !== name && one.luns.some((lun) => lun.backstore === backstore));
  const gone = {
    what: `target ${name}`,
    before: 'present',
    after: undefined,
    commands: [{ line: `/iscsi delete ${name}` }],
  };
  const own = target.luns.filter(({ backstore }) => !used(backstore));
  return asChanges([gone, ...own.map(({ backstore }) => withoutBackstore(backstore))]);
}

/** One targetcli shell for all of them: it takes seconds to start. */
function asChanges(changes: readonly TargetChange[]): readonly Change[] {
  const commands = changes.flatMap((change) => change.commands);
  return changes.map(({ commands: _, ...change }, index) => ({
    ...change,
    steps: index === 0 ? [targetcliStep(commands)] : [],
  }));
}

function withoutBackstore(path: string): TargetChange {
  const [plugin, name] = path.split('/');
  const commands = [{ line: `/backstores/${plugin} delete ${name}` }];
  return { what: `backstore ${path}`, before: 'present', after: undefined, commands };
}

function planBackstore({ backstores }: TargetState, wanted: WantedBackstore): readonly TargetChange[] {
  const { name, path, sizeMib } = wanted;
  const existing = backstores.find((one) => one.plugin === 'fileio' && one.name === name);
  if (existing !== undefined) {
    assertSame(existing, wanted);
    return [];
  }
  const other = backstores.find((one) => one.path === path);
  if (other !== undefined) {
    throw new PreconditionError(
      `${path} belongs to the backstore ${other.plugin}/${other.name}`,
      'give each backstore its own file',
    );
  }
  const line = `/backstores/fileio create name=${name} file_or_dev=${path} size=${sizeMib}M write_back=false`;
  return [
    { what: `backstore fileio/${name}`, before: undefined, after: `${path}, ${sizeMib} MiB`, commands: [{ line }] },
  ];
}

function assertSame(existing: Backstore, { name, path, sizeMib }: WantedBackstore): void {
  const remove = `targetcli /backstores/fileio delete ${name} (the file stays)`;
  if (existing.path !== path) {
    throw new PreconditionError(
      `backstore fileio/${name} is ${existing.path ?? 'without a file'}, wanted is ${path}`,
      remove,
    );
  }
  // An existing file keeps its size, whatever `size=` says.
  if (existing.sizeBytes !== sizeMib * 1024 ** 2) {
    const is = `${existing.sizeBytes / 1024 ** 2} MiB`;
    throw new PreconditionError(
      `backstore fileio/${name} has ${is}, wanted are ${sizeMib} MiB`,
      `${remove}, then resize ${path}`,
    );
  }
}

function newTarget(name: Iqn): TargetChange {
  return { what: `target ${name}`, before: undefined, after: 'present', commands: [{ line: `/iscsi create ${name}` }] };
}

function planLuns(target: Target | undefined, { name, luns, surplus }: WantedTarget): readonly TargetChange[] {
  const path = `/iscsi/${name}/tpg1/luns`;
  const wantedOf = (number: number) => luns.find((lun) => lun.number === number);
  const isWrong = ({ number, backstore }: { number: number; backstore: string }) => {
    const wanted = wantedOf(number);
    if (wanted !== undefined) return `fileio/${wanted.backstore.name}` !== backstore;
    return surplus === 'remove' || luns.some((lun) => `fileio/${lun.backstore.name}` === backstore);
  };
  const wrong = (target?.luns ?? []).filter(isWrong);
  const right = (target?.luns ?? []).filter((lun) => !isWrong(lun));
  const missing = luns.filter(({ number }) => !right.some((lun) => lun.number === number));
  return [
    ...wrong.map(({ number, backstore }) => ({
      what: `LUN ${number} of ${name}`,
      before: backstore,
      after: undefined,
      commands: [{ line: `${path} delete ${number}` }],
    })),
    ...missing.map(({ number, backstore }) => ({
      what: `LUN ${number} of ${name}`,
      before: undefined,
      after: `fileio/${backstore.name}`,
      commands: [{ line: `${path} create /backstores/fileio/${backstore.name} lun=${number}` }],
    })),
  ];
}

function planAttributes(target: Target | undefined, wanted: WantedTarget): readonly TargetChange[] {
  const different = Object.entries(wantedAttributes(wanted)).filter(
    ([name, value]) => target?.attributes[name] !== value,
  );
  return different.map(([name, value]) => ({
    what: `${name} of ${wanted.name}`,
    before: target?.attributes[name]?.toString(),
    after: String(value),
    commands: [{ line: `/iscsi/${wanted.name}/tpg1 set attribute ${name}=${value}` }],
  }));
}

function planEnabled(target: Target | undefined): readonly TargetChange[] {
  if (target === undefined || target.isEnabled) return [];
  const { name } = target;
  return [
    {
      what: `state of ${name}`,
      before: 'disabled',
      after: 'enabled',
      commands: [{ line: `/iscsi/${name}/tpg1 enable` }],
    },
  ];
}
