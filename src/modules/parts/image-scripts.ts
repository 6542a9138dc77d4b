/** Whether a device or file may be written: it holds nothing, as a fresh LUN does. Only the first MiB is looked at. */
export const IS_EMPTY = 'test "$(head -c 1048576 -- "$1" | tr -d "\\000" | head -c 1 | wc -c)" = 0';

/** Copies the image over the beginning of the clone, reads it back, and only then writes down what was copied. */
export const CLONE = `set -e
sum=$(cut -d' ' -f1 "$1.sha256"); size=$(stat -Lc %s -- "$1")
mkdir -p -- "$(dirname -- "$2")" "$(dirname -- "$3")"
dd if="$1" of="$2" bs=4M conv=notrunc,fsync 2>/dev/null
copy=$(head -c "$size" -- "$2" | sha256sum | cut -d' ' -f1)
[ "$copy" = "$sum" ] || { echo "the copy has SHA-256 $copy, the image $sum" >&2; exit 1; }
echo "$sum  $2" >"$3"`;

/** Writes the image's SHA-256 beside it, whole or not at all. */
export const RECORD =
  'set -e; cd "$(dirname -- "$1")"; sha256sum -- "$(basename -- "$1")" >"$1.sha256.part"; mv -- "$1.sha256.part" "$1.sha256"';

/** Fetches the image and puts it in place only when its SHA-256 is the one asked for. */
export const FETCH = `set -e
curl -fsSL --retry 3 -o "$1.part" -- "$2"
echo "$3  $1.part" | sha256sum -c --quiet
mv -- "$1.part" "$1"`;
