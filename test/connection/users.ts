import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A throw-away account of this machine. Needs root. */
export interface Account {
  readonly name: string;
  remove(): void;
}

export interface AccountOptions {
  readonly password: string;
  /** What sudoers says behind the name; undefined: not in sudoers. */
  readonly sudoers?: string;
  /** A public key that may log in. */
  readonly publicKeyFile: string;
}

export function addAccount({ password, sudoers, publicKeyFile }: AccountOptions): Account {
  const name = `bench-${randomBytes(4).toString('hex')}`;
  const hash = execFileSync('openssl', ['passwd', '-6', '-stdin'], { input: password, encoding: 'utf8' }).trim();
  execFileSync('useradd', ['--create-home', '--shell', '/bin/sh', '--password', hash, name]);
  const ssh = join('/home', name, '.ssh');
  mkdirSync(ssh);
  writeFileSync(join(ssh, 'authorized_keys'), readFileSync(publicKeyFile));
  execFileSync('chown', ['-R', name, ssh]);
  const rule = `/etc/sudoers.d/${name}`;
  if (sudoers !== undefined) writeFileSync(rule, `Defaults:${name} !lecture\n${name} ${sudoers}\n`, { mode: 0o440 });
  return {
    name,
    remove() {
      rmSync(rule, { force: true });
      execFileSync('userdel', ['--remove', '--force', name], { stdio: 'ignore' });
    },
  };
}
