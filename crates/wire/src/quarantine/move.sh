trap '' HUP INT TERM PIPE
from=$1
to=$2
want=$3
folder=${to%/*}
folder=${folder:-/}
if [ -L "$from" ]; then stop 12 "$from is a symbolic link"; fi
seen=$(look "$from") || stop 10 "$(stat -c %i -- "$from" 2>&1)"
if [ "$(realpath -e -- "$from" 2>/dev/null)" != "$from" ]; then stop 12 "a folder of $from is a symbolic link"; fi
if [ "$(realpath -e -- "$folder" 2>/dev/null)" != "$folder" ]; then stop 17 "there is no folder $folder"; fi
if [ "$seen" != "$want" ]; then stop 13 "$from is not what it was: $seen, not $want"; fi
if [ -e "$to" ] || [ -L "$to" ]; then stop 16 "$to is there already"; fi
if ! one_file_system "${from%/*}/" "$folder"; then
  stop 18 "$from and $folder are on different file systems"
fi
if handles "$from" | grep -q '^handle=[0-9]* w '; then stop 14 "$from is open for writing"; fi
said=$(rename "$from" "$to")
case $said in
renamed*) ;;
*)
  if [ "$(look "$from")" != "$want" ]; then stop 21 "$from is neither in its place nor moved: $said"; fi
  if [ -e "$to" ] || [ -L "$to" ]; then stop 16 "$to is there already"; fi
  stop 20 "${said:-mv moved nothing and gave no reason}"
  ;;
esac
now=$(look "$to")
if [ "${now%:*}" = "${want%:*}" ]; then
  printf 'moved=%s\nend=move\n' "$now"
  exit 0
fi
said=$(rename "$to" "$from")
case $said in renamed*) stop 19 "what arrived at $to was not what was approved, so it was put back" ;; esac
stop 21 "what arrived at $to was not what was approved, and putting it back failed: $said"
