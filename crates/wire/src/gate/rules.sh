forbid() { stop 15 "$1 is outside of what casebook-gate allows on this host; casebook-proxy sudoers --gate prints one for other folders"; }

# Stops unless $1 is an absolute path that means what it says.
check_path() {
  case $1 in
  /*) ;;
  *) stop 15 "a path has to begin with /" ;;
  esac
  case $1 in
  *[[:cntrl:]]* | *//* | */./* | */../* | */. | */..) stop 15 "a path has . or .. parts, or control characters" ;;
  esac
}

# Whether $1, which is resolved, is one of the folders that follow or lies in one.
lies_in() {
  at=$1
  shift
  for folder do
    folder=$(realpath -e -- "$folder" 2>/dev/null) || continue
    case $at in "$folder" | "$folder"/*) return 0 ;; esac
  done
  return 1
}

# Stops unless $1 may be looked at; $real is where it leads. What is outside and what is not there
# are told alike.
check_read() {
  check_path "$1"
  real=$(realpath -m -- "$1" 2>/dev/null) || forbid "$1"
  # the folders are plain words, which nothing expands
  lies_in "$real" $read_folders || forbid "$1"
}

# Stops unless a file may be moved from $1 to $2: into quarantine, or out of it to where files may be
# taken from.
check_move() {
  check_path "$1"
  check_path "$2"
  quarantine=$(realpath -e -- "$quarantine_to" 2>/dev/null) || stop 17 "there is no folder $quarantine_to"
  source=$(realpath -m -- "$1" 2>/dev/null) || forbid "$1"
  target=$(realpath -m -- "${2%/*}/" 2>/dev/null) || forbid "$2"
  if [ "$target" = "$quarantine" ] && lies_in "${source%/*}" $quarantine_from; then return; fi
  if [ "${source%/*}" = "$quarantine" ] && lies_in "$target" $quarantine_from; then return; fi
  forbid "the way from $1 to $2"
}

# Stops unless $2 is not empty and has no letter out of the class $1.
check_letters() {
  case $2 in '' | *[!$1]*) stop 15 "a parameter has a letter that it cannot have" ;; esac
}

# Goes into the folder $1. From then on, names are those of that very folder, whatever becomes of
# the path to it.
enter() {
  cd -P -- "$1" 2>/dev/null || stop 10 "$1 cannot be entered"
  if [ "$(readlink /proc/self/cwd)" != "$1" ]; then stop 15 "$1 was exchanged meanwhile"; fi
}

# Goes into the folder of $real; $name is what is called in there.
enter_parent() {
  parent=${real%/*}
  name=./${real##*/}
  enter "${parent:-/}"
}

# Stops unless 8 is $real itself, and has no other name, which may be one of a folder that is not
# allowed. In this order: a name that is gone by now shows in the second answer.
check_open() {
  if [ "$(stat -L -c %h /proc/self/fd/8)" != 1 ]; then stop 15 "$real has other names, too (hard links)"; fi
  if [ "$(readlink /proc/self/fd/8)" != "$real" ]; then stop 15 "$real was exchanged meanwhile"; fi
}

# In place of the plain one: it ends by itself, because the login may not end what root runs.
sum() { timeout "$seconds" nice -n 19 sha256sum; }

# In place of the plain one: both folders are held open and compared before the file is renamed in
# them, so that nobody can lead root elsewhere by exchanging a folder for a link.
rename() {
  {
    if [ "$(readlink /proc/self/fd/8)" = "${1%/*}" ] && [ "$(readlink /proc/self/fd/9)" = "${2%/*}" ]; then
      mv -nTv -- "/proc/self/fd/8/${1##*/}" "/proc/self/fd/9/${2##*/}" 2>&1
    else
      printf 'a folder of %s or %s was exchanged meanwhile\n' "$1" "$2"
    fi
  } 8<"${1%/*}/" 9<"${2%/*}/"
}
