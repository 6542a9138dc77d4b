#!/bin/sh
# usage: install.sh DESTDIR: lays the payload out as the package does.
set -e
here=$(cd "$(dirname "$0")" && pwd)
to=$1
install -d "$to/usr/sbin" "$to/usr/local/sbin" "$to/usr/lib/mock-iscsi" "$to/usr/lib/systemd/system" "$to/etc/iscsi" "$to/etc/mock"
install -d -m700 "$to/var/lib/iscsi/nodes" "$to/var/lib/iscsi/send_targets"
for name in iscsiadm iscsid iscsi-iname; do install -m755 "$here/$name" "$to/usr/sbin/$name"; done
for name in udevadm blockdev; do install -m755 "$here/$name" "$to/usr/local/sbin/$name"; done
for name in iscsi_records.py iscsi_sessions.py node-record; do install -m644 "$here/$name" "$to/usr/lib/mock-iscsi/$name"; done
for name in iscsid.service iscsid.socket iscsi-init.service iscsi.service; do install -m644 "$here/$name" "$to/usr/lib/systemd/system/$name"; done
install -m600 "$here/iscsid.conf" "$to/etc/iscsi/iscsid.conf"
install -m644 "$here/mock-iscsi.conf" "$to/etc/mock/iscsi.conf"
