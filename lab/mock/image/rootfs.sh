#!/bin/sh
# rootfs.sh OUT.tar: a small Debian with the real systemd, sshd, NetworkManager, dnf and rpm, as a tar file.
# Debian, because mmdebstrap makes it in one step anywhere and Debian packages dnf and rpm; the hosts say that they are Fedora.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$1
suite=bookworm

# The machine's own package sources where it runs the same release, so that its mirror is used; else mmdebstrap's default.
sources=
if grep -q "^VERSION_CODENAME=$suite\$" /etc/os-release; then
  for file in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list; do
    [ -s "$file" ] && sources=$file && break
  done
fi

packages=$(sed '/^#/d' "$here/packages" | paste -sd,)
rm -f "$out.part"
# shellcheck disable=SC2086
mmdebstrap --quiet --variant=minbase --mode=root --format=tar --include="$packages" \
  --aptopt='Acquire::Languages "none"' --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Check-Valid-Until "false"' \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/info/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/i18n/*' \
  --customize-hook='rm -f "$1"/etc/ssh/ssh_host_*_key* "$1"/etc/hostname "$1"/etc/resolv.conf' \
  --customize-hook=': >"$1"/etc/machine-id' \
  --customize-hook='rm -rf "$1"/var/lib/apt/lists "$1"/var/cache/apt "$1"/var/log/apt; find "$1"/var/log -type f -delete' \
  "$suite" "$out.part" $sources
mv "$out.part" "$out"
