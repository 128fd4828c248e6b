running=no
if [ -n "$(grep -ls -- "[c]asebook-move-$4" /proc/[0-9]*/cmdline 2>/dev/null)" ]; then running=yes; fi
printf 'running=%s\nsource=%s\ntarget=%s\nwant=%s\nend=look\n' "$running" "$(look "$1")" "$(look "$2")" "$3"
