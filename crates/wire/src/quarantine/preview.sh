path=$1
target=$2
shift 2
if [ -L "$path" ]; then stop 12 "$path is a symbolic link"; fi
before=$(look "$path") || stop 10 "$(stat -c %i -- "$path" 2>&1)"
if [ ! -f "$path" ]; then stop 11 "$path is no regular file"; fi
real=$(realpath -e -- "$path") || stop 10 "$path cannot be resolved"
case $real in *[[:cntrl:]]*) stop 15 "$path leads to a name with control characters" ;; esac
inside=no
for root do
  root=$(realpath -e -- "$root" 2>/dev/null) || continue
  case $real in "${root%/}"/*) inside=yes ;; esac
done
if [ "$inside" = no ]; then stop 15 "$path leads to $real, which is outside of the allowed folders"; fi
folder=$(realpath -e -- "${target%/*}/" 2>/dev/null) || stop 17 "there is no folder ${target%/*}"
case $folder in *[[:cntrl:]]*) stop 17 "${target%/*} leads to a name with control characters" ;; esac
if [ ! -w "$folder" ] || [ ! -x "$folder" ]; then stop 17 "$(id -un) may not write in $folder"; fi
if [ ! -w "${real%/*}/" ]; then stop 17 "$(id -un) may not write in ${real%/*}"; fi
target=${folder%/}/${target##*/}
if [ -e "$target" ] || [ -L "$target" ]; then stop 16 "$target is there already"; fi
if ! one_file_system "${real%/*}/" "$folder"; then
  stop 18 "$real and $folder are on different file systems"
fi
printf 'real=%s\ntarget=%s\n' "$real" "$target"
stat --printf 'size=%s\nmtime=%Y\nmode=%A\nowner=%U:%G\nlinks=%h\n' -- "$real" || stop 10 "$real went away"
blocks=$(stat -f -c '%a * %S' -- "$folder") && printf 'free=%s\n' "$(($blocks))"
handles "$real"
blind=0
for fds in /proc/[0-9]*/fd; do if [ ! -r "$fds" ]; then blind=$((blind + 1)); fi; done
printf 'blind=%s\n' "$blind"
sum=$({ [ "$(readlink /proc/self/fd/8)" = "$real" ] && sum <&8; } 2>/dev/null 8<"$real") && printf 'sha256=%s\n' "${sum%% *}"
sleep 1
after=$(look "$real") || stop 10 "$real went away"
if [ "$before" = "$after" ]; then printf 'growing=no\n'; else printf 'growing=yes\n'; fi
printf 'fingerprint=%s\nend=preview\n' "$after"
