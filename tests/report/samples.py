"""A run of E1.1-E1.6 as the workloads would leave it, made through their own record model."""

from __future__ import annotations

import hashlib
import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path

from clusterbed_workloads.plan import Engines, Place, Plan, Results, Where
from clusterbed_workloads.record import Artifact, Check, Missing, Outcome, Phase, Record, Times

RUN = "20261121T061500Z-3f9a"
START = datetime(2026, 11, 21, 6, 15, tzinfo=UTC)
SPARK_ERROR = """Py4JJavaError: An error occurred while calling o142.parquet.
: org.apache.spark.SparkException: Job aborted due to stage failure: Task 11 in stage 7.0 failed 4 times,
most recent failure: Lost task 11.3 in stage 7.0 (TID 96) (10.0.2.11 executor 1): ExecutorLostFailure
(executor 1 exited caused by one of the running tasks) Reason: worker lost: 10.0.2.11:38211"""

NODES = (
    Place(name="master", role="head", instance_type="t2.large", private_ip="10.0.1.10"),
    Place(name="worker", role="worker", instance_type="t2.large", private_ip="10.0.2.11"),
)
WHERE = Where(name="spark-ray", setup="spark-ray", cloud="lab", region="eu-central-1", nodes=NODES)
SECONDS = {
    ("E1.1", "expert"): 61.0,
    ("E1.1", "literal"): 148.0,
    ("E1.2", "expert"): 29.4,
    ("E1.2", "literal"): 52.7,
    ("E1.3", "expert"): 24.1,
    ("E1.3", "literal"): 71.9,
    ("E1.4", "expert"): 6.2,
    ("E1.4", "literal"): 18.8,
    ("E1.5", "expert"): 9.3,
    ("E1.5", "literal"): 14.6,
    ("E1.6", "expert"): 4.4,
    ("E1.6", "literal"): 4.5,
}


def plan(**changed: object) -> Plan:
    """A full-size plan in the lab."""
    values: dict[str, object] = {
        "run": RUN,
        "where": WHERE,
        "results": Results(bucket="clusterbed-results", prefix=f"runs/{RUN}/", region="eu-central-1"),
        "engines": Engines(
            hdfs_url="hdfs://master:9820",
            webhdfs_url="http://master:9870",
            hdfs_block_mib=128,
            spark_master="spark://master:7077",
            spark_executor_cores=2,
            spark_executor_memory_mib=3072,
            spark_driver_memory_mib=512,
            ray_address="master:6379",
        ),
        "experiments": ("E1.1", "E1.2", "E1.3", "E1.4", "E1.5", "E1.6"),
        "rows": 30_000_000,
        "training_rows": 10_000,
        "prediction_rows": 1_000_000,
        "repeats": 5,
        "seed": 42,
        "scaled": (
            "spark.executor_memory_mib: 3072 became 2304, since the lab's machine has 24 GiB for 2 nodes",
        ),
        "provision_s": 74.2,
        "deadline": START + timedelta(hours=8),
        "settings_fingerprint": "5d1e8c0a77b1f3e2",
        "code_fingerprint": "a0c41f9be2d87755",
    }
    return Plan.model_validate(values | changed)


def record(
    experiment: str = "E1.2",
    variant: str = "expert",
    *,
    phase: Phase = Phase.MEASURED,
    repeat: int = 1,
    seconds: float = 30.0,
    outcome: Outcome = Outcome.OK,
    error: str | None = None,
    started_at: datetime = START,
    artifacts: tuple[Artifact, ...] = (),
) -> Record:
    """One record; a failed one has no times, a wrong one a check that did not pass."""
    ok = outcome is Outcome.OK
    checks = (
        Check(name="rows as DuckDB counts them", passed=True, expected="30,000,000", got="30,000,000"),
        Check(name="columns and types", passed=True, expected="6 as published", got="6 as published"),
        Check(
            name="same sum of salaries as DuckDB",
            passed=outcome is not Outcome.WRONG,
            expected="2,279,994,115,020.51",
            got="2,279,994,115,020.51" if ok else "2,279,994,084,133.18",
        ),
    )
    times = Times(
        queue_s=0.4,
        load_s=seconds * 0.35,
        processing_s=seconds * 0.6,
        makespan_s=seconds,
        provision_s=74.2,
    )
    return Record(
        run=RUN,
        experiment=experiment,
        variant=variant,
        engine="ray" if experiment in ("E1.5", "E1.6") else "spark",
        phase=phase,
        repeat=repeat,
        started_at=started_at,
        outcome=outcome,
        error=error,
        times=times if ok else None,
        verification=() if outcome is Outcome.FAILED else checks,
        metrics=_metrics(experiment, seconds),
        quality={"mse": 673_918_402.55 + 1000 * repeat, "max_depth": "10"} if experiment == "E1.5" else {},
        settings={
            "spark.executor.cores": "2",
            "spark.executor.memory": "2304m",
            "spark.sql.execution.arrow.pyspark.enabled": str(variant == "expert").lower(),
        },
        software={
            "python": "3.12.1",
            "spark": "4.3.0",
            "ray": "2.60.0",
            "java": "21.0.8",
            "hadoop client": "3.5.0",
            "pandas": "3.1.1",
            "pyarrow": "26.0.1",
            "scikit-learn": "1.9.1",
        },
        where=WHERE,
        hardware={
            node.name: {
                "cpus": 2,
                "cpu": "AMD EPYC 7R13",
                "memory_mib": 8192,
                "disk_gb": 15,
                "kernel": "6.1.0",
            }
            for node in NODES
        },
        code_fingerprint="a0c41f9be2d87755",
        settings_fingerprint="5d1e8c0a77b1f3e2",
        data_fingerprint="b1946ac92492d234",
        artifacts=artifacts,
        cost_usd=Missing(missing="a lab machine has no price"),
        notes=("Arrow conversion is on; the document had switched it off because it failed.",)
        if experiment == "E1.5" and variant == "expert"
        else (),
    )


def _metrics(experiment: str, seconds: float) -> dict[str, float | int | str | Missing]:
    head = {"head_memory_before_gib": 0.92, "head_memory_after_gib": 1.08}
    if experiment == "E1.5":
        return {**head, "fits": 24, "fit_s": seconds * 1.3, "fits_on_master": 11, "fits_on_worker": 13}
    if experiment == "E1.6":
        return {**head, "batches": 10, "batch_rows": 100_000, "batch_mean_s": seconds / 10}
    return {
        **head,
        "spark_stages": 3,
        "spark_shuffle_read_bytes": 731_000_000,
        "spark_executor_peak_heap_bytes": Missing(missing="no executor of its own reported its heap yet"),
    }


def records() -> list[Record]:
    """Each case once cold and five times measured, variants interleaved; one failed, one wrong."""
    draw = random.Random(11)  # noqa: S311
    found: list[Record] = []
    clock = START
    for experiment in sorted({experiment for experiment, _ in SECONDS}):
        for turn in range(7):
            for variant in ("expert", "literal"):
                phase = (Phase.COLD, Phase.WARM_UP)[turn] if turn < 2 else Phase.MEASURED
                repeat = max(0, turn - 2)
                seconds = SECONDS[experiment, variant] * draw.gauss(
                    1.35 if phase is Phase.COLD else 1.0, 0.03
                )
                failed = (experiment, variant, turn) == ("E1.3", "literal", 5)
                wrong = (experiment, variant, turn) == ("E1.4", "expert", 3)
                log = f"artifacts/{experiment}/{variant}/driver.log"
                found.append(
                    record(
                        experiment,
                        variant,
                        phase=phase,
                        repeat=repeat,
                        seconds=round(seconds, 3),
                        outcome=Outcome.FAILED if failed else Outcome.WRONG if wrong else Outcome.OK,
                        error=SPARK_ERROR if failed else None,
                        started_at=clock,
                        artifacts=tuple(_artifact(name) for name in (log, *_files(experiment, variant))),
                    )
                )
                clock += timedelta(seconds=seconds + 2)
    return found


def _files(experiment: str, variant: str) -> tuple[str, ...]:
    names = {
        "E1.5": ("ml_model.pkl", "scaler.pkl", "ml_pipeline.log"),
        "E1.6": ("predictions.csv", "prediction.log"),
    }
    return tuple(f"artifacts/{experiment}/{variant}/{name}" for name in names.get(experiment, ()))


def _content(name: str) -> bytes:
    return f"the content of {name}\n".encode()


def _artifact(name: str) -> Artifact:
    content = _content(name)
    return Artifact(name=name, bytes=len(content), sha256=hashlib.sha256(content).hexdigest())


def write(home: Path, found: list[Record] | None = None, the_plan: Plan | None = None) -> Path:
    """A run's directory as `pull` leaves it."""
    lines = records() if found is None else found
    home.mkdir(parents=True, exist_ok=True)
    planned = the_plan or plan()
    (home / "run.json").write_text(
        json.dumps({"plan": planned.model_dump(mode="json"), "facts": {"software": {}, "hardware": {}}})
    )
    (home / "records.jsonl").write_text("".join(f"{item.line()}\n" for item in lines))
    for name in {artifact.name for item in lines for artifact in item.artifacts}:
        path = home / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_content(name))
    cases = dict.fromkeys(planned.experiments, "ok") | {
        item.experiment: "failed" for item in lines if item.outcome is not Outcome.OK
    }
    done = {
        "run": RUN,
        "started_at": START.isoformat(),
        "finished_at": (START + timedelta(hours=1)).isoformat(),
        "exit_code": 0,
        "cases": cases,
        "objects": [],
    }
    (home / "done.json").write_text(json.dumps(done))
    (home / "pulled.json").write_text(
        json.dumps({"run": RUN, "bucket": "clusterbed-results", "complete": True, "objects": []})
    )
    return home
