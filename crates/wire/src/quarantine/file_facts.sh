set -u
LC_ALL=C
export LC_ALL
stop() { printf 'casebook: %s\n' "$2" >&2; exit "$1"; }
sum() { nice -n 19 sha256sum; }
rename() { mv -nTv -- "$1" "$2" 2>&1; }
look() { stat -c '%d:%i:%s:%.9Y:%.9Z' -- "$1" 2>/dev/null; }
mount_of() { { sed -n 's/^mnt_id:[[:space:]]*//p' /proc/self/fdinfo/8; } 8<"$1"; } 2>/dev/null
one_file_system() {
  if [ "$(stat -c %d -- "$1")" != "$(stat -c %d -- "$2")" ]; then return 1; fi
  first=$(mount_of "$1")
  second=$(mount_of "$2")
  [ -z "$first" ] || [ -z "$second" ] || [ "$first" = "$second" ]
}
handles() {
  device=$(stat -c %d -- "$1")
  find -L /proc/[0-9]*/fd -maxdepth 1 -inum "$(stat -c %i -- "$1")" -printf '%D %p\n' 2>/dev/null |
    while read -r on fd; do
      if [ "$on" != "$device" ]; then continue; fi
      pid=${fd#/proc/}
      pid=${pid%%/*}
      flags=$(sed -n 's/^flags:[[:space:]]*//p' "/proc/$pid/fdinfo/${fd##*/}" 2>/dev/null)
      case $flags in *[12]) mode=w ;; *) mode=r ;; esac
      printf 'handle=%s %s %s\n' "$pid" "$mode" "$(tr -cd '[:print:]' 2>/dev/null <"/proc/$pid/comm")"
    done
}
