systemctl is-enabled --quiet "$TIMER"
systemctl is-active --quiet "$TIMER"
