import { describe, expect, it } from 'vitest';
import { targetOf } from '../../src/connection/target.ts';
import type { HostVariables } from '../../src/connection/variable-reader.ts';
import { formatPosition } from '../../src/core/diagnostic.ts';

function variables(values: Readonly<Record<string, unknown>>): HostVariables {
  return new Map(
    Object.entries(values).map(([name, value], index) => [
      name,
      { value, at: { file: 'inventory/lab.ini', line: index + 1, column: 6 } },
    ]),
  );
}
function read(values: Readonly<Record<string, unknown>>) {
  return targetOf('xen1', variables(values));
}

describe('the target of a host', () => {
  it('is ssh to its own name when nothing is said', () => {
    expect(read({})).toEqual({
      target: { kind: 'ssh', host: 'xen1', options: new Map() },
      become: {},
      diagnostics: [],
    });
  });

  it('takes every variable that Ansible has for ssh', () => {
    const { target, diagnostics } = read({
      ansible_host: '192.0.2.1',
      ansible_port: 2222,
      ansible_user: 'lab',
      ansible_password: 'secret',
      ansible_ssh_private_key_file: 'keys/lab',
      ansible_ssh_private_key_passphrase: 'phrase',
      ansible_ssh_common_args: '-o ProxyJump=jump -J other -oConnectTimeout=3',
      ansible_ssh_extra_args: "-i ~/key -F none -vv -o 'ProxyCommand=ssh -W %h:%p bastion'",
      bench_host_key_checking: 'accept-new',
    });
    expect(diagnostics).toEqual([]);
    expect(target).toMatchObject({
      host: '192.0.2.1',
      port: 2222,
      user: 'lab',
      policy: 'accept-new',
      configFile: 'none',
    });
    expect(target.kind === 'ssh' && [target.password?.reveal(), target.passphrase?.reveal()]).toEqual([
      'secret',
      'phrase',
    ]);
    expect(target.kind === 'ssh' && target.keyFile?.endsWith('/inventory/keys/lab')).toBe(true);
    expect(target.kind === 'ssh' && Object.fromEntries(target.options)).toEqual({
      proxyjump: ['jump'],
      connecttimeout: ['3'],
      identityfile: ['~/key'],
      proxycommand: ['ssh -W %h:%p bastion'],
    });
  });

  it('never shows a password', () => {
    const found = read({ ansible_password: 'hunter22', ansible_become_pass: 'hunter23', ansible_ssh_pass: 'hunter24' });
    expect(JSON.stringify(found)).not.toContain('hunter');
  });

  it('leaves a path of the home folder or the root as it is', () => {
    for (const path of ['~/key', '/etc/key']) {
      expect(read({ ansible_ssh_private_key_file: path }).target).toMatchObject({ keyFile: path });
    }
  });

  it('can be the controller or a container', () => {
    expect(read({ ansible_connection: 'local' }).target).toEqual({ kind: 'local' });
    expect(read({ ansible_connection: 'docker' }).target).toEqual({ kind: 'docker', container: 'xen1' });
    const named = read({ ansible_connection: 'docker', ansible_docker_container: 'mock-1', ansible_user: 'lab' });
    expect(named.target).toEqual({ kind: 'docker', container: 'mock-1', user: 'lab' });
  });

  it('knows three ways to check the key of a host, and takes Ansible’s two for them', () => {
    const policies = [
      { bench_host_key_checking: 'strict' },
      { bench_host_key_checking: false },
      { ansible_host_key_checking: false },
      { ansible_host_key_checking: 'True' },
      { ansible_host_key_checking: false, bench_host_key_checking: 'accept-new' },
    ].map((values) => {
      const { target } = read(values);
      return target.kind === 'ssh' ? target.policy : undefined;
    });
    expect(policies).toEqual(['strict', 'off', 'off', 'strict', 'accept-new']);
  });

  it('says whom to become', () => {
    const { become } = read({ ansible_become: 'yes', ansible_become_user: 'lab', ansible_become_password: 'secret' });
    expect(become).toMatchObject({ isOn: true, user: 'lab' });
    expect(become.password?.reveal()).toBe('secret');
  });

  it('reports everything that makes no sense, at its place', () => {
    const { diagnostics } = read({
      ansible_connection: 'shh',
      ansible_port: 'ssh',
      ansible_user: ['a'],
      ansible_become: 'maybe',
      ansible_become_method: 'su',
      bench_host_key_checking: 'of',
      ansible_ssh_common_args: '-o ControlMaster -W x -Q -o NoValue',
    });
    const texts = diagnostics.map(
      ({ at, message, hint, code }) => `${at && formatPosition(at)}: ${message} [${code}]\nhint: ${hint}`,
    );
    expect(texts.join('\n')).toMatchInlineSnapshot(`
      "inventory/lab.ini:1:6: ansible_connection cannot be "shh" [E_CONNECTION_VARIABLE]
      hint: did you mean "ssh"?
      inventory/lab.ini:2:6: ansible_port must be a port, not "ssh" [E_CONNECTION_VARIABLE]
      hint: a whole number from 1 to 65535
      inventory/lab.ini:3:6: ansible_user must be a text [E_CONNECTION_VARIABLE]
      hint: ansible_user=…
      inventory/lab.ini:4:6: ansible_become must be true or false, not "maybe" [E_CONNECTION_VARIABLE]
      hint: ansible_become=true
      inventory/lab.ini:5:6: ansible_become_method cannot be "su" [E_CONNECTION_VARIABLE]
      hint: did you mean "sudo"?
      inventory/lab.ini:6:6: bench_host_key_checking cannot be "of" [E_CONNECTION_VARIABLE]
      hint: did you mean "off"?
      inventory/lab.ini:7:6: ansible_ssh_common_args: bench does not follow the ssh option "-o ControlMaster" [E_CONNECTION_VARIABLE]
      hint: known: -o Key=Value, -i, -p, -l, -F, -J
      inventory/lab.ini:7:6: ansible_ssh_common_args: bench does not follow the ssh option "-W" [E_CONNECTION_VARIABLE]
      hint: known: -o Key=Value, -i, -p, -l, -F, -J
      inventory/lab.ini:7:6: ansible_ssh_common_args: bench does not follow the ssh option "x" [E_CONNECTION_VARIABLE]
      hint: known: -o Key=Value, -i, -p, -l, -F, -J
      inventory/lab.ini:7:6: ansible_ssh_common_args: bench does not follow the ssh option "-Q" [E_CONNECTION_VARIABLE]
      hint: known: -o Key=Value, -i, -p, -l, -F, -J
      inventory/lab.ini:7:6: ansible_ssh_common_args: bench does not follow the ssh option "-o NoValue" [E_CONNECTION_VARIABLE]
      hint: known: -o Key=Value, -i, -p, -l, -F, -J"
    `);
  });
});
