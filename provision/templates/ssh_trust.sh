# S1.4: the master's public key on every node, in place of an earlier one of its.
home=$(getent passwd "$LOGIN" | cut -d: -f6)
install -d -m 700 -o "$LOGIN" -g "$LOGIN" "$home/.ssh"
keys=$home/.ssh/authorized_keys
touch "$keys"
name=${head_ssh_key##* }
awk -v name="$name" '$NF != name' "$keys" >"$keys.part"
echo "$head_ssh_key" >>"$keys.part"
chown "$LOGIN:$LOGIN" "$keys.part"
chmod 600 "$keys.part"
mv "$keys.part" "$keys"
printf '%s\n' "$known_hosts" >/etc/ssh/ssh_known_hosts.part
mv /etc/ssh/ssh_known_hosts.part /etc/ssh/ssh_known_hosts
