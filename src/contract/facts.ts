import type { Answer, Probe } from './probe.ts';

/** What a host is, as far as playbooks need it. Variables see it as `facts`. */
export interface Facts {
  readonly hostname: string;
  readonly os: {
    /** `fedora`, `debian`, as os-release's ID. */
    readonly id: string;
    readonly version: string;
    readonly name: string;
    /** What its package manager and layout follow. */
    readonly family: 'fedora' | 'debian' | 'other';
  };
  readonly kernel: string;
  readonly architecture: string;
  /** What the host is under or offers: `xen` for a dom0, `none` on bare metal, `container`, `kvm` for a guest, … */
  readonly virtualization: { readonly role: 'none' | 'guest' | 'host' | 'container'; readonly kind: string };
  readonly cpu: { readonly model: string; readonly count: number; readonly flags: readonly string[] };
  readonly memory_mib: number;
  readonly interfaces: readonly NetworkInterface[];
  /** Interface of the default route, with its first IPv4 address. */
  readonly default_ipv4: { readonly interface: string; readonly address: string; readonly gateway: string } | null;
  readonly block_devices: readonly BlockDevice[];
  /** `systemd`, or the name of process 1. */
  readonly init: string;
  readonly selinux: 'enforcing' | 'permissive' | 'disabled';
  readonly boot_id: string;
  readonly package_manager: 'dnf' | 'apt' | 'unknown';
  readonly uptime_s: number;
}

export interface NetworkInterface {
  readonly name: string;
  readonly mac: string;
  readonly mtu: number;
  readonly up: boolean;
  /** `192.0.2.10/24`, also IPv6. */
  readonly addresses: readonly string[];
  /** Name of the bridge that it is a port of. */
  readonly bridge?: string;
}

export interface BlockDevice {
  readonly name: string;
  readonly size_bytes: number;
  readonly read_only: boolean;
}

/** How facts are gathered: questions and what the answers mean, asked in one round trip. */
export interface FactsReader {
  readonly probes: readonly Probe[];
  read(answers: readonly Answer[]): Facts;
}
