systemctl daemon-reload
if systemctl is-active --quiet "$UNIT" && [ "$(findmnt -n -o SOURCE "$PREFIX" | xargs -r losetup -n -O BACK-FILE)" != "$IMAGE" ]; then
  # Daemons that run from the old image are bound to its mount: they stop with it, and start in later steps.
  systemctl stop "$UNIT"
fi
install -d -m 755 "$PREFIX"
systemctl enable --quiet "$UNIT"
systemctl start "$UNIT"
