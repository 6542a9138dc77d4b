# Runs on the source, as: bash -c TEXT bench-source SPACING_S COMMAND...
# Everything that COMMAND writes, and the marks of a clock beside it, go to the end of ONE file, so that their order there
# is the order of the writes. The file lies in memory and has no name any more: a slow connection to the controller never
# makes COMMAND wait, and nothing is left behind, however this ends. It is handed on to standard output four times a second.
#
# A mark is  RS stamp SP end SP word US : the clock just before the mark was written, the clock just after the mark
# before it was written (or -), and a word:
#   b UPTIME  begin, stamped before COMMAND is let go     x CODE UPTIME  COMMAND has ended with CODE
#   f  at a look after the stamp, COMMAND was not executed yet
#   e  it was executed, and nothing shows that it has done anything
#   r  it has a child process, so its own code runs       -  no look was taken
LC_ALL=C
spacing=$1
shift
trap '' PIPE
folder=/dev/shm
[ -w "$folder" ] || folder=${TMPDIR:-/tmp}
file=$(mktemp "$folder/bench.XXXXXX") || exit 125
exec 7>>"$file" 8<"$file"
rm -f "$file"
# Pipes that are open at both ends for us: nobody writes to 5, so that a read from it with a limit is a sleep without a fork.
# What is written to 4 only cuts a sleep short. bash (5.2) can lose a line that comes just as the limit of a read passes, so
# the end is told by the command's own entry in /proc.
exec 4<> <(:) 5<> <(:) 6<> <(:)
read -r own </proc/$$/comm

(
  read -r -u 6 _
  exec 4<&- 5<&- 6<&- 8<&-
  exec "$@" </dev/null >&7 2>&1 7>&-
) &
pid=$!

look() {
  local comm=$own children=
  { read -r comm <"/proc/$pid/comm"; } 2>/dev/null || { word=r; return; }
  if [ "$comm" = "$own" ]; then word=f; return; fi
  { read -r children <"/proc/$pid/task/$pid/children"; } 2>/dev/null
  if [ -n "$children" ]; then word=r; else word=e; fi
}

(
  trap '' TERM INT
  exec >&7
  end=- word=f
  while [ -d "/proc/$pid" ]; do
    now=$EPOCHREALTIME
    if [ "$word" = f ] || [ "$word" = e ]; then look; fi
    printf '\036%s %s %s\037' "$now" "$end" "$word"
    end=$EPOCHREALTIME
    if [ "$word" = r ]; then word=-; fi
    read -r -t "$spacing" -u 5 _
  done
) &
ticker=$!

(
  trap '' TERM INT
  while [ -d "/proc/$pid" ]; do
    read -r -t 0.25 -u 4 _
    cat <&8 || exit
  done
) &
drain=$!

# Both that take the time go before other work; the command and what it starts do not.
for stamper in "$ticker" "$$"; do
  chrt --rr -p 1 "$stamper" >/dev/null 2>&1 || renice -n -15 -p "$stamper" >/dev/null 2>&1
done
trap 'kill -TERM "$pid" 2>/dev/null' TERM INT
read -r uptime _ </proc/uptime
printf '\036%s - b %s\037' "$EPOCHREALTIME" "$uptime" >&7
echo >&6

while :; do
  wait "$pid"
  code=$?
  kill -0 "$pid" 2>/dev/null || break
done
wait "$ticker"
read -r uptime _ </proc/uptime
now=$EPOCHREALTIME
printf '\036%s - x %s %s\037' "$now" "$code" "$uptime" >&7
printf '\036%s %s -\037' "$EPOCHREALTIME" "$EPOCHREALTIME" >&7
echo >&4
wait "$drain"
cat <&8
exit "$code"
