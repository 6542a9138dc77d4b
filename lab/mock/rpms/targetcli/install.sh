#!/bin/sh
# usage: install.sh DESTDIR: lays the payload out as the packages do.
set -e
here=$(cd "$(dirname "$0")" && pwd)
to=$1
install -d "$to/usr/bin" "$to/usr/lib/mock-lio" "$to/usr/libexec" "$to/usr/lib/systemd/system" "$to/root" "$to/run"
install -d -m700 "$to/etc/target/backup"
for name in targetcli targetctl; do install -m755 "$here/$name" "$to/usr/bin/$name"; done
for name in lio_state lio_tree lio_commands lio_groups; do install -m644 "$here/$name.py" "$to/usr/lib/mock-lio/$name.py"; done
install -m755 "$here/mock-liod" "$to/usr/libexec/mock-liod"
for name in target.service mock-lio.service; do install -m644 "$here/$name" "$to/usr/lib/systemd/system/$name"; done
