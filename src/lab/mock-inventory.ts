import type { MockHost } from './mock-plan.ts';

/** The line of one host in an INI inventory. */
function hostLine(host: MockHost): string {
  return `${host.name} ansible_port=${host.sshPort} lab_address=${host.labAddress}`;
}

/**
 * An inventory for the given hosts, made from one for another size (`inventory/mock.ini`): the host lines of `xen_hosts` and
 * `iscsi_target` are replaced, `filesAt` (where that one says that the lab's key is) becomes the inventory's own folder,
 * and everything else is kept.
 */
export function renderMockInventory(template: string, hosts: readonly MockHost[], filesAt: string): string {
  const lines: string[] = [];
  let replacing = false;
  for (const line of template.split('\n')) {
    const section = /^\s*\[(.+)\]/.exec(line)?.[1];
    if (section !== undefined) {
      replacing = section === 'xen_hosts' || section === 'iscsi_target';
      lines.push(line);
      if (replacing) lines.push(...hosts.filter((host) => host.group === section).map(hostLine));
    } else if (!replacing || /^\s*([#;].*)?$/.test(line)) {
      lines.push(line.replaceAll(filesAt, ''));
    }
  }
  return lines.join('\n');
}

/** Lines of an OpenSSH known_hosts file: the host keys as sshd offers them on the ports of 127.0.0.1. */
export function renderKnownHosts(keys: readonly { readonly sshPort: number; readonly publicKey: string }[]): string {
  return keys
    .map(({ sshPort, publicKey }) => `[127.0.0.1]:${sshPort} ${publicKey.trim().split(/\s+/).slice(0, 2).join(' ')}\n`)
    .join('');
}
