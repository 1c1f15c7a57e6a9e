systemctl is-active --quiet "$UNIT"
test -x "$PREFIX/python/bin/python3.12"
