/** First characters of a line that begins a section of the answer. */
export const SECTION = '@@ ';

/**
 * Everything that bench wants to know of a host, asked by one POSIX sh with coreutils and sed. Each section is the word of
 * the host itself (files of /proc and /sys, `ip -j`); what it means is decided by `readFacts`. No command may fail the script.
 */
export const FACTS_SCRIPT = `LC_ALL=C; export LC_ALL
s() { printf '@@ %s\\n' "$1"; }
one() { v=; [ -r "$2" ] && read -r v <"$2" 2>/dev/null; printf '%s=%s\\n' "$1" "$v"; }
s host; uname -n; uname -r; uname -m
s os; if [ -r /etc/os-release ]; then cat /etc/os-release; elif [ -r /usr/lib/os-release ]; then cat /usr/lib/os-release; fi
s cpu; printf 'count=%s\\n' "$(nproc 2>/dev/null)"; sed '/^$/q' /proc/cpuinfo
s memory; sed -n '/^MemTotal:/p' /proc/meminfo
s virtualization
one hypervisor /sys/hypervisor/type
one capabilities /proc/xen/capabilities
if command -v xl >/dev/null 2>&1 && xl info >/dev/null 2>&1; then echo xl=yes; else echo xl=no; fi
if [ -e /run/.containerenv ]; then echo file=podman; elif [ -e /.dockerenv ]; then echo file=docker; else echo file=; fi
if command -v systemd-detect-virt >/dev/null 2>&1; then
  printf 'container=%s\\nmachine=%s\\n' "$(systemd-detect-virt -c 2>/dev/null)" "$(systemd-detect-virt -v 2>/dev/null)"
fi
{ tr '\\000' '\\n' </proc/1/environ | sed -n 's/^container=/environ=/p'; } 2>/dev/null
s links
for d in /sys/class/net/*; do
  [ -e "$d/ifindex" ] || continue
  printf 'name=%s\\n' "\${d##*/}"
  one mac "$d/address"; one mtu "$d/mtu"; one flags "$d/flags"; one operstate "$d/operstate"
  if [ -e "$d/brport/bridge" ]; then b=$(readlink "$d/brport/bridge"); printf 'bridge=%s\\n' "\${b##*/}"; fi
done
s addresses; if command -v ip >/dev/null 2>&1; then ip -j addr 2>/dev/null; fi; echo
s routes; cat /proc/net/route 2>/dev/null
s blocks
for d in /sys/block/*; do
  [ -e "$d/size" ] || continue
  read -r size <"$d/size"; read -r ro <"$d/ro"
  printf '%s %s %s\\n' "\${d##*/}" "$size" "$ro"
done
s system
if [ -d /run/systemd/system ]; then echo init=systemd; else one init /proc/1/comm; fi
one selinux /sys/fs/selinux/enforce
one boot_id /proc/sys/kernel/random/boot_id
one uptime /proc/uptime
if command -v dnf >/dev/null 2>&1; then echo manager=dnf; elif command -v apt-get >/dev/null 2>&1; then echo manager=apt; else echo manager=unknown; fi
s end
`;
