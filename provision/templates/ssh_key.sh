# S1.4: an RSA key pair made on the master.
home=$(getent passwd "$LOGIN" | cut -d: -f6)
install -d -m 700 -o "$LOGIN" -g "$LOGIN" "$home/.ssh"
test -f "$home/.ssh/id_rsa" ||
  runuser -u "$LOGIN" -- ssh-keygen -q -t rsa -b 3072 -N '' -C "$LOGIN@$NAME" -f "$home/.ssh/id_rsa"
test -f "$home/.ssh/id_rsa.pub" ||
  runuser -u "$LOGIN" -- bash -c 'ssh-keygen -y -f ~/.ssh/id_rsa >~/.ssh/id_rsa.pub'
install -m 644 "$home/.ssh/id_rsa.pub" "$PUBLISHED"
