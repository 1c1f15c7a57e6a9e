# An image with its digest is the last thing that formatting writes. Without one there is nothing to keep,
# unless there are edits: then something is broken, and formatting would make it worse.
formatted() { compgen -G "$DIRECTORY/current/fsimage_*.md5" >/dev/null; }
if ! formatted; then
  if compgen -G "$DIRECTORY/current/edits_*" >/dev/null; then
    echo "$DIRECTORY has edits but no image: not formatting it"
    exit 1
  fi
  rm -rf "$DIRECTORY"
  install -d -m 755 -o "$ACCOUNT" -g "$ACCOUNT" "$(dirname "$DIRECTORY")"
  install -d -m 700 -o "$ACCOUNT" -g "$ACCOUNT" "$DIRECTORY"
  runuser -u "$ACCOUNT" -- "$JAVA" -Xmx128m -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$CLASSPATH" \
    org.apache.hadoop.hdfs.server.namenode.NameNode -format -nonInteractive
  formatted
fi
