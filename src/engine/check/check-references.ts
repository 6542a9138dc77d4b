import { toHostName } from '../../contract/host.ts';
import type { YamlNode } from '../../contract/yaml-node.ts';
import { nearest } from '../../core/text.ts';
import type { Inventory } from '../../inventory/inventory.ts';
import type { ProblemList } from '../../playbook/problems.ts';
import { checkCondition } from '../../template/check-condition.ts';
import { type Checked, checkText, type Reference } from '../../template/check-template.ts';
import type { KnownVariables } from './known-variables.ts';

export interface ReferenceCheck {
  readonly problems: ProblemList;
  readonly inventory: Inventory;
}

/** Every template in a node, and the variables that they read. */
export function checkNode(node: YamlNode | undefined, known: KnownVariables, check: ReferenceCheck): void {
  if (!node) return;
  switch (node.kind) {
    case 'scalar':
      if (typeof node.value === 'string') checkReferences(checkText(node.value, node.at), known, check);
      return;
    case 'sequence':
      for (const item of node.items) checkNode(item, known, check);
      return;
    case 'mapping':
      for (const { key, keyAt, value } of node.entries) {
        checkReferences(checkText(key, keyAt), known, check);
        checkNode(value, known, check);
      }
  }
}

export function checkExpression(
  { text, at }: { readonly text: string; readonly at: Reference['at'] },
  wanted: 'boolean' | 'anything',
  known: KnownVariables,
  check: ReferenceCheck,
): void {
  checkReferences(checkCondition(text, at, wanted), known, check);
}

/** Reports what a text's own check found, and each variable, group or host in it that there is not. */
export function checkReferences(
  { diagnostics, references }: Checked,
  known: KnownVariables,
  check: ReferenceCheck,
): void {
  for (const { code, at, message, hint } of diagnostics) if (at) check.problems.report(code, at, message, hint);
  for (const reference of references) {
    if (reference.isOptional) continue;
    if (!known.names.has(reference.root) && !known.isOpen) reportUndefined(reference, known, check);
    else checkMember(reference, check);
  }
}

function reportUndefined({ root, path, at }: Reference, known: KnownVariables, { problems }: ReferenceCheck): void {
  const near = nearest(root, known.names);
  const hint = hintForFact(root, path) ?? hintForLiteral(root) ?? (near && `did you mean "${near}"?`);
  problems.report('E_UNDEFINED_VARIABLE', at, `variable "${root}" is not defined`, hint);
}

function hintForLiteral(name: string): string | undefined {
  const literal = { True: 'true', False: 'false', None: 'null', none: 'null', yes: 'true', no: 'false' }[name];
  return literal && `write ${literal}`;
}

/** What bench calls the facts that playbooks for Ansible read most. */
const FACT_NAMES: Readonly<Record<string, string>> = {
  hostname: 'hostname',
  nodename: 'hostname',
  fqdn: 'hostname',
  distribution: 'os.id',
  distribution_version: 'os.version',
  distribution_major_version: 'os.version',
  os_family: 'os.family',
  kernel: 'kernel',
  architecture: 'architecture',
  processor_vcpus: 'cpu.count',
  processor_count: 'cpu.count',
  memtotal_mb: 'memory_mib',
  default_ipv4: 'default_ipv4',
  interfaces: 'interfaces',
  pkg_mgr: 'package_manager',
  service_mgr: 'init',
  virtualization_type: 'virtualization.kind',
  virtualization_role: 'virtualization.role',
  uptime_seconds: 'uptime_s',
  selinux: 'selinux',
};

function hintForFact(root: string, path: readonly string[]): string | undefined {
  const name = root === 'ansible_facts' ? path[0] : /^ansible_(\w+)$/.exec(root)?.[1];
  const fact = name === undefined ? undefined : FACT_NAMES[name];
  if (fact !== undefined) return `write facts.${fact}`;
  return root === 'ansible_facts' ? 'write facts' : undefined;
}

function checkMember({ root, path, at }: Reference, { problems, inventory }: ReferenceCheck): void {
  const [member] = path;
  if (member === undefined) return;
  if (root === 'groups' && !inventory.groups.has(member)) {
    problems.report(
      'E_UNKNOWN_GROUP',
      at,
      `the inventory has no group "${member}"`,
      memberHint(member, inventory.groups.keys(), `default(groups.${member}, [])`),
    );
  } else if (root === 'hostvars' && !inventory.hosts.has(toHostName(member))) {
    problems.report(
      'E_UNKNOWN_HOST',
      at,
      `the inventory has no host "${member}"`,
      memberHint(member, inventory.hosts.keys(), undefined),
    );
  }
}

function memberHint(name: string, known: Iterable<string>, otherwise: string | undefined): string | undefined {
  const near = nearest(name, known);
  if (near !== undefined) return `did you mean "${near}"?`;
  return otherwise && `where it may be missing: ${otherwise}`;
}
