# The size of an executor is known when every worker has said how large it is.
install -d -m 755 -o "$ACCOUNT" -g "$ACCOUNT" "$EVENTS"
{
  cat "$DEFAULTS.in"
  echo "spark.executor.cores ${executor%% *}"
  echo "spark.executor.memory ${executor##* }m"
} >"$DEFAULTS.part"
mv "$DEFAULTS.part" "$DEFAULTS"
