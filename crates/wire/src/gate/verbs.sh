verb=${1-}
words=$#
want() { if [ "$words" != "$(($1 + 1))" ]; then stop 15 "$verb takes $1 parameters"; fi; }
case $verb in
realpath)
  want 1
  check_read "$2"
  found=$(realpath -e -- "$2") || exit 1
  lies_in "$found" $read_folders || forbid "$2"
  printf '%s\n' "$found"
  ;;
ls)
  want 1
  check_read "$2"
  if [ -d "$real" ]; then
    enter "$real"
    exec ls -lab --time-style=full-iso
  fi
  enter_parent
  exec ls -lab --time-style=full-iso -- "$name"
  ;;
stat)
  want 1
  check_read "$2"
  enter_parent
  exec stat -- "$name"
  ;;
df)
  want 1
  check_read "$2"
  enter_parent
  exec df -hT -- "$name"
  ;;
tail)
  want 2
  check_letters 0-9 "$2"
  check_read "$3"
  if [ ! -f "$real" ]; then stop 11 "$real is no regular file"; fi
  {
    check_open
    exec tail --lines="$2" <&8
  } 8<"$real"
  stop 10 "$real cannot be opened"
  ;;
sha256sum)
  want 2
  check_letters 0-9 "$2"
  check_read "$3"
  seconds=$2
  if [ ! -f "$real" ]; then stop 11 "$real is no regular file"; fi
  {
    check_open
    digest=$(sum <&8) || exit 1
    printf '%s  %s\n' "${digest%% *}" "$real"
    exit 0
  } 8<"$real"
  stop 10 "$real cannot be opened"
  ;;
preview)
  want 3
  check_letters 0-9 "$2"
  check_move "$3" "$4"
  seconds=$2
  preview_file "$3" "$4" $quarantine_from "$quarantine_to"
  ;;
move)
  want 4
  check_letters 0-9a-f "${2#casebook-move-}"
  check_move "$3" "$4"
  check_letters 0-9.:- "$5"
  if [ "$source" != "$3" ] || [ "$target" != "${4%/*}" ]; then stop 12 "there is a symbolic link on the way from $3 to $4"; fi
  if [ -e "$3" ] && [ ! -f "$3" ]; then stop 11 "$3 is no regular file"; fi
  move_file "$3" "$4" "$5"
  ;;
look)
  want 4
  check_move "$2" "$3"
  check_letters 0-9.:- "$4"
  check_letters 0-9a-f "$5"
  look_at "$2" "$3" "$4" "$5"
  ;;
*) stop 15 "this casebook-gate has no such verb; casebook-proxy sudoers --gate prints the one that its proxy needs" ;;
esac
