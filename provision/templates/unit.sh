for directory in $DIRECTORIES; do
  install -d -m 755 -o "$ACCOUNT" -g "$ACCOUNT" "$directory"
done
systemctl daemon-reload
systemctl enable --quiet "$UNIT"
systemctl restart "$UNIT"
