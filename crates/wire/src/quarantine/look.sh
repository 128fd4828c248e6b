if grep -ls -- "[c]asebook-move-$4" /proc/[0-9]*/cmdline >/dev/null 2>&1; then running=yes; else running=no; fi
printf 'running=%s\nsource=%s\ntarget=%s\nwant=%s\nend=look\n' "$running" "$(look "$1")" "$(look "$2")" "$3"
