#!/bin/sh
# Makes a bare machine ready for bench: lab/prepare.sh [node] [engine] [image-tools] [test-tools]
#   node         node_modules as package-lock.json says
#   engine       a container engine that answers
#   image-tools  what builds the image of the mock lab
#   test-tools   what the tests talk to: an ssh server, several shells, sudo
# Runs as root on Debian and Fedora (Fedora: not yet seen on a real one). Does nothing, quickly, where nothing is missing.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)

say() { printf 'prepare: %s\n' "$*" >&2; }
fail() { say "$1"; [ $# -lt 2 ] || say "hint: $2"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

if has apt-get; then family=debian; elif has dnf; then family=fedora; else family=unknown; fi

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif has sudo; then sudo -n "$@" || fail "\"$*\" needs root" "run this script as root"
  else fail "\"$*\" needs root" 'run this script as root'
  fi
}

# install WHY PACKAGE...
install() {
  why=$1; shift
  say "installing $* ($why)"
  case $family in
    debian)
      as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null 2>&1 && return
      as_root apt-get update -qq >/dev/null || fail 'apt-get update failed' 'check the package sources and the network'
      as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
      ;;
    fedora) as_root dnf -y -q install "$@" >/dev/null ;;
    *) fail "neither apt-get nor dnf is here, cannot install: $*" 'install them by hand' ;;
  esac || fail "could not install: $*" 'read the lines above; the packages may have other names on this release'
}

# need WHY COMMAND=DEBIAN_PACKAGE,FEDORA_PACKAGE...: installs, at once, the packages of all commands that are absent
need() {
  reason=$1; shift
  missing=
  for entry in "$@"; do
    has "${entry%%=*}" && continue
    packages=${entry#*=}
    [ $family = fedora ] && package=${packages#*,} || package=${packages%%,*}
    missing="$missing $package"
  done
  # shellcheck disable=SC2086
  [ -z "$missing" ] || install "$reason" $missing
}

prepare_node() {
  need node 'npm=npm,nodejs-npm'
  installed=$root/node_modules/.package-lock.json
  [ -e "$installed" ] && [ ! "$root/package-lock.json" -nt "$installed" ] && return
  say 'installing node_modules (npm ci)'
  (cd "$root" && npm ci --no-audit --no-fund --loglevel=error) || fail 'npm ci failed' 'check the network and package-lock.json'
}

engine_answers() {
  socket=${DOCKER_HOST:-unix:///var/run/docker.sock}
  case $socket in
    unix://*) [ -S "${socket#unix://}" ] || return 1 ;;
  esac
  if has curl && [ "${socket#unix://}" != "$socket" ]; then
    [ "$(curl -s -m 5 --unix-socket "${socket#unix://}" http://engine/_ping)" = OK ]
  else
    docker version >/dev/null 2>&1
  fi
}

start_engine() {
  if [ -d /run/systemd/system ]; then
    as_root systemctl start docker.service
    return
  fi
  log=/var/log/bench-dockerd.log
  say "starting dockerd, log in $log"
  # A daemon of its own session, with no descriptor of ours, outlives this script and whatever called it.
  as_root sh -c "setsid dockerd >>$log 2>&1 </dev/null &"
}

prepare_engine() {
  engine_answers && return
  case ${DOCKER_HOST:-unix://} in
    unix://*) ;;
    *) fail "the container engine at $DOCKER_HOST does not answer" 'unset DOCKER_HOST to use this machine' ;;
  esac
  if [ -S /var/run/docker.sock ] && [ ! -w /var/run/docker.sock ]; then
    fail 'this user may not use the container engine' 'run this script as root, or join the group docker and log in again'
  fi
  need engine 'dockerd=docker.io,moby-engine'
  # A package that starts its own service may have done so by now.
  engine_answers || start_engine
  tries=0
  until engine_answers; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || fail 'the container engine did not answer within 60 s' "read ${log:-journalctl -u docker}"
    sleep 0.2
  done
}

prepare_image_tools() {
  need 'image tools' mmdebstrap=mmdebstrap,mmdebstrap rpmbuild=rpm,rpm-build createrepo_c=createrepo-c,createrepo_c \
    ssh-keygen=openssh-client,openssh-clients ip=iproute2,iproute
  # What the mock hosts' root file system is checked against; a Debian has it, its relatives may not.
  if [ ! -e /usr/share/keyrings/debian-archive-keyring.gpg ]; then
    case $family in
      debian) install 'image tools' debian-archive-keyring ;;
      fedora) install 'image tools' debian-keyring apt ;;
    esac
  fi
}

prepare_test_tools() {
  need tests sshd=openssh-server,openssh-server ssh=openssh-client,openssh-clients busybox=busybox,busybox \
    dash=dash,dash sudo=sudo,sudo openssl=openssl,openssl ps=procps,procps-ng useradd=passwd,shadow-utils \
    python3=python3,python3 ip=iproute2,iproute
}

[ $# -gt 0 ] || set -- node engine image-tools
for part in "$@"; do
  case $part in
    node) prepare_node ;;
    engine) prepare_engine ;;
    image-tools) prepare_image_tools ;;
    test-tools) prepare_test_tools ;;
    *) fail "unknown part \"$part\"" 'lab/prepare.sh [node] [engine] [image-tools] [test-tools]' ;;
  esac
done
