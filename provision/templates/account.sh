id -u "$ACCOUNT" >/dev/null 2>&1 || useradd --system --user-group --home-dir "$HOME_DIR" --shell /usr/sbin/nologin "$ACCOUNT"
install -d -m 755 "$STATE"
install -d -m 755 -o "$ACCOUNT" -g "$ACCOUNT" "$HOME_DIR" "$STATE/runs"
