#!/bin/sh
# usage: install.sh DESTDIR: lays the payload out as the packages do.
set -e
here=$(cd "$(dirname "$0")" && pwd)
to=$1
install -d "$to/etc/grub.d" "$to/etc/default" "$to/usr/sbin" "$to/usr/bin" "$to/usr/libexec" "$to/usr/share/grub" "$to/boot/grub2"
for name in grub2-mkconfig grub2-probe grub2-reboot grubby; do install -m755 "$here/$name" "$to/usr/sbin/$name"; done
ln -sfn grub2-reboot "$to/usr/sbin/grub2-set-default"
install -m755 "$here/grub2-editenv" "$to/usr/bin/grub2-editenv"
install -m755 "$here/mock-grub-boot" "$to/usr/libexec/mock-grub-boot"
install -m644 "$here/grub-mkconfig_lib" "$to/usr/share/grub/grub-mkconfig_lib"
install -m644 "$here/default-grub" "$to/etc/default/grub"
for script in "$here"/[0-9][0-9]_*; do install -m755 "$script" "$to/etc/grub.d/${script##*/}"; done
ln -sfn ../boot/grub2/grub.cfg "$to/etc/grub2.cfg"
