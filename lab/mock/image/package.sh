#!/bin/sh
# package.sh FOLDER OUT: builds the RPMs of FOLDER/*.spec (its sources are the other files of FOLDER) into the folder OUT.
set -eu
folder=$(cd "$1" && pwd)
out=$2
command -v rpmbuild >/dev/null || exit 127
top=$(mktemp -d)
trap 'rm -rf "$top"' EXIT
for spec in "$folder"/*.spec; do
  # What differs from Fedora: Debian's rpmbuild asks dpkg-less dependencies of nobody (--nodeps), makes build-id links
  # that collide between packages, and compresses with zstd, which costs time and saves nothing here.
  if ! rpmbuild -bb --quiet --nodeps --define "_topdir $top" --define "_sourcedir $folder" --define '_dbpath %{_topdir}/db' \
    --define '_build_id_links none' --define 'debug_package %{nil}' --define '_binary_payload w3.gzdio' \
    --define 'dist .fc42' --define 'fedora 42' --define '_unitdir /usr/lib/systemd/system' \
    --define '__brp_mangle_shebangs %{nil}' "$spec" >"$top/log" 2>&1; then
    cat "$top/log" >&2
    exit 1
  fi
done
rm -rf "$out.part"
mkdir -p "$out.part"
find "$top/RPMS" -name '*.rpm' -exec mv -t "$out.part" {} +
rm -rf "$out"
mv "$out.part" "$out"
