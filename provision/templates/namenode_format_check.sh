compgen -G "$DIRECTORY/current/fsimage_*.md5" >/dev/null
