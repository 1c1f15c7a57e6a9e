systemctl restart systemd-journald.service
journalctl --flush
