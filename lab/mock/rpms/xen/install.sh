#!/bin/sh
# usage: install.sh DESTDIR: lays the payload out as the packages do.
set -e
here=$(cd "$(dirname "$0")" && pwd)
to=$1
version=4.19.2
put() { install -D -m"$1" "$here/$2" "$to/$3"; }

put 755 xl usr/sbin/xl
for tool in xenstore-ls xenstore-read xenstore-list xen-detect; do put 755 xenstore-tool usr/bin/$tool; done
for file in "$here"/*.py "$here/commands.txt"; do put 644 "${file##*/}" "usr/lib/mock-xen/${file##*/}"; done
for unit in xenstored xenconsoled xen-init-dom0 xendomains; do
  put 644 $unit.service usr/lib/systemd/system/$unit.service
done
for daemon in xenstored xenconsoled; do put 755 daemon usr/libexec/mock-xen/$daemon; done
put 755 xendomains usr/libexec/mock-xen/xendomains
for script in vif-bridge block; do put 755 hotplug etc/xen/scripts/$script; done
put 644 xl.conf etc/xen/xl.conf
put 644 xen.conf etc/mock/xen.conf
for name in xendomains xencommons; do put 644 $name.sysconfig etc/sysconfig/$name; done
install -d "$to/etc/xen/auto" "$to/var/log/xen" "$to/var/lib/xen" "$to/var/lib/mock-xen" "$to/boot" "$to/usr/share/licenses/xen"

printf 'mock hypervisor %s\n' "$version" | gzip -n >"$to/boot/xen-$version.gz"
for short in -4.19 -4 ''; do ln -sfn "xen-$version.gz" "$to/boot/xen$short.gz"; done
echo CONFIG_X86_64=y >"$to/boot/xen-$version.config"
echo 'The mock tools are under the MIT license.' >"$to/usr/share/licenses/xen/COPYING"
