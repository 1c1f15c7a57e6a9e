systemctl daemon-reload
systemctl enable --quiet "$TIMER"
systemctl restart "$TIMER"
