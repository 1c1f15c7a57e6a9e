test -d "$EVENTS"
grep -qxF "spark.executor.memory ${executor##* }m" "$DEFAULTS"
