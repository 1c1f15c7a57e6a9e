"""S1.6: Spark standalone, the Master on the head and a Worker on every other node."""

from __future__ import annotations

from typing import Any

from contract import ports
from contract.cluster import Node
from provision.services import hdfs, sizes
from provision.services.roll_call import roll_call
from provision.services.site import ACCOUNT, CONFIGURATION, ENVIRONMENT, PREFIX, SPARK_HOME, STATE, Site
from provision.services.unit import daemon
from provision.size import Size
from provision.step import File, Port, Step
from provision.templates import render, script

EXECUTOR = "executor"
"""The fact "cores memory_mib" of an executor that fits on every worker."""

FOLDER = f"{CONFIGURATION}/spark"
DEFAULTS = f"{FOLDER}/spark-defaults.conf"
EVENTS = f"{STATE}/spark/events"
VARIABLES = f"{FOLDER}/daemon.env"
MASTER_WITHIN_S = 1800.0
"""The head may be building the software image first."""


def url(site: Site) -> str:
    """Where drivers and workers find the Master."""
    return f"spark://{site.head}:{site.settings.spark.master_port}"


def steps(site: Site, node: Node, size: Size) -> list[Step]:
    """The daemon."""
    return [_master(site)] if site.is_head(node) else [_worker(site, node, size)]


def driver_steps(site: Site, node: Node) -> list[Step]:
    """The defaults of drivers, on the head; they wait for every worker to say how large it is."""
    return [_defaults(site)] if site.is_head(node) else []


def _master(site: Site) -> Step:
    port = site.settings.spark.master_port
    arguments = f"--host {site.head} --port {port} --webui-port {ports.SPARK_MASTER_WEB}"
    return _daemon(site, "Master", arguments)


def _worker(site: Site, node: Node, size: Size) -> Step:
    arguments = (
        f"--host {node.name} --port {ports.SPARK_WORKER_RPC} --webui-port {ports.SPARK_WORKER_WEB} "
        f"--cores {size.cores} --memory {sizes.worker_memory_mib(size)}M "
        f"--work-dir {STATE}/spark/work {url(site)}"
    )
    master = Port("the Spark Master", site.head, site.settings.spark.master_port, MASTER_WITHIN_S)
    return _daemon(site, "Worker", arguments, waits=(master,))


def _daemon(site: Site, kind: str, arguments: str, waits: tuple[Port, ...] = ()) -> Step:
    content = render(
        "spark.service",
        description=f"Spark {kind}",
        prefix=PREFIX,
        account=ACCOUNT,
        common=ENVIRONMENT,
        variables=VARIABLES,
        spark_home=SPARK_HOME,
        main_class=f"org.apache.spark.deploy.{kind.lower()}.{kind}",
        arguments=arguments,
    )
    variables = render(
        "spark.env", daemon_memory_mib=site.settings.spark.daemon_memory_mib, local=f"{STATE}/spark/local"
    )
    return daemon(
        f"clusterbed-spark-{kind.lower()}.service",
        f"Spark {kind}",
        content,
        files=(File(VARIABLES, variables),),
        directories=(f"{STATE}/spark", f"{STATE}/spark/work", f"{STATE}/spark/local"),
        waits=waits,
    )


def _defaults(site: Site) -> Step:
    spark = site.settings.spark
    content = render(
        "spark-defaults.conf",
        head=site.head,
        master_port=spark.master_port,
        driver_memory_mib=spark.driver_memory_mib,
        driver_port=ports.SPARK_DRIVER.first,
        block_manager_port=ports.SPARK_BLOCK_MANAGER.first,
        port_retries=ports.SPARK_PORT_RETRIES,
        ui_port=ports.SPARK_UI.first,
        events=EVENTS,
        hdfs_url=hdfs.url(site),
        account=ACCOUNT,
    )
    return Step(
        "spark_defaults",
        "Spark's defaults for drivers",
        apply=script("spark_defaults.sh", account=ACCOUNT, events=EVENTS, defaults=DEFAULTS),
        check=script("spark_defaults_check.sh", events=EVENTS, defaults=DEFAULTS),
        files=(File(f"{DEFAULTS}.in", content),),
        facts=(EXECUTOR,),
    )


def question(site: Site) -> str:
    """The Master's state as JSON."""
    return f"http://{site.cluster.head.private_ip}:{ports.SPARK_MASTER_WEB}/json/"


def judge(site: Site, answer: Any) -> tuple[bool, str]:
    """Every worker's Worker is alive."""
    alive = {worker["host"] for worker in answer["workers"] if worker["state"] == "ALIVE"}
    missing, text = roll_call(site.cluster.workers, alive, "Spark Workers alive")
    return not missing, text
