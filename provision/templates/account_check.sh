id -u "$ACCOUNT" >/dev/null
test -d "$HOME_DIR" && test -d "$STATE/runs"
