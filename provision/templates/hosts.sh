# S1.3: this node's name, and the names of all nodes. Both files are written in place: a container mounts them.
hostname "$NAME"
echo "$NAME" >/etc/hostname
mkdir -p /etc/cloud/cloud.cfg.d
printf 'preserve_hostname: true\nmanage_etc_hosts: false\n' >/etc/cloud/cloud.cfg.d/99-clusterbed.cfg
# What else says about these names would win, or send a daemon to the loopback address.
kept=$(awk -v names="$NAMES" '
  BEGIN { count = split(names, list, " "); for (i = 1; i <= count; i++) ours[list[i]] = 1 }
  /^# clusterbed begin/ { inside = 1 } inside { if (/^# clusterbed end/) inside = 0; next }
  { for (i = 2; i <= NF; i++) if ($i in ours) next; print }
' /etc/hosts)
printf '%s\n%s\n' "$kept" "$BLOCK" >/etc/hosts
