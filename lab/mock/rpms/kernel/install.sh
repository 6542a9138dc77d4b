#!/bin/sh
# usage: install.sh DESTDIR VERSION: lays the payload out as the packages do, VERSION as `uname -r` says it.
set -e
here=$(cd "$(dirname "$0")" && pwd)
to=$1 version=$2
modules=$to/usr/lib/modules/$version
install -d "$to/boot" "$to/usr/libexec" "$to/etc/sysconfig" "$modules/kernel/drivers/net" "$modules/kernel/drivers/block"
printf 'kernel image of %s\n' "$version" > "$to/boot/vmlinuz-$version"
printf 'kernel image of %s\n' "$version" > "$modules/vmlinuz"
cat > "$to/boot/config-$version" <<'EOF'
CONFIG_MODULES=y
CONFIG_XEN=y
CONFIG_XEN_PV=y
CONFIG_XEN_PVH=y
CONFIG_XEN_DOM0=y
CONFIG_XEN_BLKDEV_FRONTEND=m
CONFIG_XEN_NETDEV_FRONTEND=m
EOF
cp "$to/boot/config-$version" "$modules/config"
for module in net/xen-netfront block/xen-blkfront; do
  printf 'module %s of %s\n' "${module#*/}" "$version" | xz -9 --check=crc32 > "$modules/kernel/drivers/$module.ko.xz"
done
printf 'kernel/drivers/net/xen-netfront.ko.xz:\nkernel/drivers/block/xen-blkfront.ko.xz:\n' > "$modules/modules.dep"
printf 'kernel/drivers/net/xen-netfront.ko.xz\nkernel/drivers/block/xen-blkfront.ko.xz\n' > "$modules/modules.order"
: > "$modules/modules.builtin"
install -m755 "$here/kernel-install" "$to/usr/libexec/mock-kernel-install"
printf '# UPDATEDEFAULT specifies if kernel-install should make\n# new kernels the default\nUPDATEDEFAULT=yes\n\n# DEFAULTKERNEL specifies the default kernel package type\nDEFAULTKERNEL=kernel-core\n' > "$to/etc/sysconfig/kernel"
