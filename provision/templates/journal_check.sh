test -d "/var/log/journal/$(cat /etc/machine-id)"
