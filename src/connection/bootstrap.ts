/**
 * The text that turns a fresh `sh` into one that answers frames. It reads requests from descriptor 3, so that every
 * command finds an empty standard input, and runs each frame in a subshell, so that no frame can leave anything behind.
 *
 * Requests: `S LENGTH` and that many bytes of script; `U LENGTH NAME` and that many bytes for a file of the frame to
 * come. Answers: marker lines on both streams (see markers.ts): `H pid group` once, `B slot` before and `E slot code`
 * after a step, `E slot code` after a question, `F code` at the end of a frame.
 *
 * Busybox `head -c` reads ahead, so the reader is chosen by trying it: `head -c`, else one whole block of `dd`, else `dd`
 * byte by byte.
 */
export function renderBootstrap(nonce: string): string {
  const mark = (words: string) => `printf "\\036${nonce} ${words}\\n"`;
  const both = (words: string, values: string) => `${mark(words)} ${values}; ${mark(words)} ${values} >&2`;
  return [
    'set +x +v +e +u +f',
    'unset CDPATH ENV BASH_ENV',
    'LC_ALL=C; PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin; export LC_ALL PATH',
    'exec 3<&0 </dev/null',
    'bench_home=$PWD; bench_dir=',
    'bench_exact() { [ "$(printf "abcd\\n" | { "$@" >/dev/null 2>&1; read -r r; echo "$r"; })" = cd ]; }',
    `if bench_exact head -c 2; then bench_read() { head -c "$1" <&3; }; ${elseReaders}; fi`,
    `bench_m() { ${mark('E %s %s')} "$1" "$2"; }`,
    `bench_b() { ${both('B %s', '"$1"')}; }`,
    `bench_e() { ${both('E %s %s', '"$1" "$2"')}; }`,
    ...probeFunctions,
    ...requestFunctions,
    'trap "bench_clean; exit 143" 1 2 15',
    'read -r a b c d g z </proc/$$/stat 2>/dev/null || g=$$',
    `${mark('H %s %s')} "$$" "$g"`,
    `while read -r k n f <&3; do case $k in U) bench_upload "$n" "$f";; S) s=$(bench_read "$n"); (eval "$s") 3<&-; c=$?; bench_clean; ${both('F %s', '"$c"')};; esac; done`,
    'bench_clean',
  ].join('; ');
}

const elseReaders =
  'elif bench_exact dd bs=2 count=1 iflag=fullblock; then bench_read() { dd bs="$1" count=1 iflag=fullblock <&3 2>/dev/null; }; ' +
  'else bench_read() { dd bs=1 count="$1" <&3 2>/dev/null; }';

/**
 * bench_stat: what stands at paths; bench_links: where symbolic links point, one slot each; bench_sums: digests of the
 * readable regular files among paths; bench_text: a file's bytes. bench_full and bench_short are the two forms of a
 * guard: a directory's or device's size and times change without its being another one.
 */
const probeFunctions = [
  'bench_stat() { stat -c "%f %u %g %s %Y %i %U:%G:%n" -- "$@" 2>/dev/null; }',
  'bench_links() { i=$1; shift; for p do if [ -L "$p" ]; then readlink -- "$p" 2>/dev/null; bench_m "$i" 0; fi; i=$((i+1)); done; }',
  'bench_sums() { for p do shift; if [ -f "$p" ] && [ -r "$p" ]; then set -- "$@" "$p"; fi; done; if [ $# -gt 0 ]; then sha256sum -- "$@" 2>/dev/null; fi; }',
  'bench_sum() { if [ -f "$1" ] && [ -r "$1" ]; then sha256sum <"$1" 2>/dev/null; fi; }',
  'bench_text() { if [ -f "$2" ] && [ -r "$2" ]; then cat -- "$2" 2>/dev/null; bench_m "$1" $?; else bench_m "$1" 1; fi; }',
  'bench_full() { for p do shift; if [ -f "$p" ] || [ -L "$p" ]; then set -- "$@" "$p"; fi; done; if [ $# -gt 0 ]; then bench_stat "$@"; fi; }',
  'bench_short() { for p do shift; if [ -f "$p" ] || [ -L "$p" ]; then :; elif [ -e "$p" ]; then set -- "$@" "$p"; fi; done; if [ $# -gt 0 ]; then stat -c "%f %u %g %i %U:%G:%n" -- "$@" 2>/dev/null; fi; }',
  'bench_targets() { for p do if [ -L "$p" ]; then readlink -- "$p" 2>/dev/null; fi; done; }',
];

/** An upload that cannot be stored is read to its end all the same: what comes behind it must stay in step. */
const requestFunctions = [
  'bench_copy() { n=$1; while [ "$n" -gt 1048576 ]; do bench_read 1048576; n=$((n-1048576)); done; if [ "$n" -gt 0 ]; then bench_read "$n"; fi; }',
  // biome-ignore lint/suspicious/noTemplateCurlyInString: shell text
  'bench_upload() { [ "$bench_dir" ] || bench_dir=$(umask 077; mktemp -d "${TMPDIR:-/var/tmp}/bench.XXXXXX" 2>/dev/null || mktemp -d /tmp/bench.XXXXXX); bench_copy "$1" | { [ "$bench_dir" ] && (umask 077; cat >"$bench_dir/$2") 2>/dev/null; cat >/dev/null; }; }',
  'bench_clean() { if [ "$bench_dir" ]; then rm -rf "$bench_dir"; bench_dir=; fi; }',
];
