# S1.2: user data put the unit and its rules here at boot, so that workers get out before any laptop comes.
systemctl enable --quiet clusterbed-nat.service
systemctl restart clusterbed-nat.service
