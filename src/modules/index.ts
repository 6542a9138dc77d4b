import type { Module } from '../contract/module.ts';
import { assert } from './assert.ts';
import { authorized_key } from './authorized_key.ts';
import { blockinfile } from './blockinfile.ts';
import { bridge } from './bridge.ts';
import { command } from './command.ts';
import { copy } from './copy.ts';
import { debug } from './debug.ts';
import { fail } from './fail.ts';
import { fetch } from './fetch.ts';
import { file } from './file.ts';
import { firewall } from './firewall.ts';
import { get_url } from './get_url.ts';
import { group } from './group.ts';
import { guest } from './guest.ts';
import { guest_image } from './guest_image.ts';
import { hostname } from './hostname.ts';
import { iscsi_initiator } from './iscsi_initiator.ts';
import { iscsi_target } from './iscsi_target.ts';
import { kernel_module } from './kernel_module.ts';
import { known_hosts } from './known_hosts.ts';
import { lineinfile } from './lineinfile.ts';
import { migrate } from './migrate.ts';
import { mount } from './mount.ts';
import { packageModule } from './package.ts';
import { pause } from './pause.ts';
import { reboot } from './reboot.ts';
import { service } from './service.ts';
import { set_fact } from './set_fact.ts';
import { shell } from './shell.ts';
import { ssh_keypair } from './ssh_keypair.ts';
import { stat } from './stat.ts';
import { sysctl } from './sysctl.ts';
import { template } from './template.ts';
import { user } from './user.ts';
import { wait_for } from './wait_for.ts';
import { xen_boot } from './xen_boot.ts';

/** Every module that a playbook may call. A module's file is its name in YAML. */
export const modules: readonly Module[] = [
  assert,
  authorized_key,
  blockinfile,
  bridge,
  command,
  copy,
  debug,
  fail,
  fetch,
  file,
  firewall,
  get_url,
  group,
  guest,
  guest_image,
  hostname,
  iscsi_initiator,
  iscsi_target,
  kernel_module,
  known_hosts,
  lineinfile,
  migrate,
  mount,
  packageModule,
  pause,
  reboot,
  service,
  set_fact,
  shell,
  ssh_keypair,
  stat,
  sysctl,
  template,
  user,
  wait_for,
  xen_boot,
];
