"""S1.8: HDFS, a NameNode on the head and a DataNode on every worker, from the jars of Maven Central."""

from __future__ import annotations

import json
from typing import Any

from contract import ports
from contract.cluster import Node
from provision.services.roll_call import roll_call
from provision.services.site import ACCOUNT, CONFIGURATION, JAVA, PREFIX, STATE, Site
from provision.services.unit import daemon
from provision.step import File, Step
from provision.templates import render, script, text

NAMES = f"{STATE}/hdfs/names"
DATA = f"{STATE}/hdfs/data"
SCRATCH = f"{STATE}/hdfs/tmp"
FOLDER = f"{CONFIGURATION}/hadoop"
CLASSPATH = f"{FOLDER}:{PREFIX}/hadoop/web:{PREFIX}/hadoop/lib/*"
RESERVED_MIB = 512
"""Of each worker's disk, left to the system."""


def url(site: Site) -> str:
    """Where clients find the NameNode."""
    return f"hdfs://{site.head}:{ports.NAMENODE_RPC}"


def steps(site: Site, node: Node) -> list[Step]:
    """Configuration and daemon; on the head a file system is made where there is none."""
    if site.is_head(node):
        return [_format(site, node), _daemon(site, node, "NameNode")]
    return [_daemon(site, node, "DataNode")]


def _format(site: Site, node: Node) -> Step:
    return Step(
        "namenode_format",
        "an empty HDFS where there is none",
        apply=script("namenode_format.sh", account=ACCOUNT, directory=NAMES, java=JAVA, classpath=CLASSPATH),
        check=script("namenode_format_check.sh", directory=NAMES),
        files=_configuration(site, node),
    )


def _daemon(site: Site, node: Node, kind: str) -> Step:
    package = kind.lower()
    hdfs = site.settings.hdfs
    heap_mib = hdfs.namenode_heap_mib if kind == "NameNode" else hdfs.datanode_heap_mib
    content = render(
        "hadoop.service",
        description=f"HDFS {kind}",
        prefix=PREFIX,
        account=ACCOUNT,
        java=JAVA,
        heap_mib=heap_mib,
        classpath=CLASSPATH,
        main_class=f"org.apache.hadoop.hdfs.server.{package}.{kind}",
    )
    return daemon(
        f"clusterbed-hdfs-{package}.service",
        f"HDFS {kind}",
        content,
        files=_configuration(site, node),
        directories=(f"{STATE}/hdfs", SCRATCH),
    )


def _configuration(site: Site, node: Node) -> tuple[File, ...]:
    hdfs = site.settings.hdfs
    core = render("core-site.xml", url=url(site), scratch=SCRATCH, account=ACCOUNT)
    own = render(
        "hdfs-site.xml",
        replication=hdfs.replication,
        block_bytes=hdfs.block_mib * 1024**2,
        names=NAMES,
        data=DATA,
        head=site.head,
        node=node.name,
        namenode_rpc=ports.NAMENODE_RPC,
        namenode_web=ports.NAMENODE_WEB,
        datanode_data=ports.DATANODE_DATA,
        datanode_ipc=ports.DATANODE_IPC,
        datanode_web=ports.DATANODE_WEB,
        reserved_bytes=RESERVED_MIB * 1024**2,
    )
    return (
        File(f"{FOLDER}/core-site.xml", core),
        File(f"{FOLDER}/hdfs-site.xml", own),
        File(f"{FOLDER}/log4j.properties", text("log4j.properties")),
    )


def question(site: Site) -> str:
    """The NameNode's own view of its DataNodes, and whether it is in safe mode (JMX)."""
    address = f"{site.cluster.head.private_ip}:{ports.NAMENODE_WEB}"
    return f"http://{address}/jmx?qry=Hadoop:service=NameNode,name=NameNodeInfo"


def judge(site: Site, answer: Any) -> tuple[bool, str]:
    """Every worker's DataNode is live, and the file system can be written."""
    (bean,) = answer["beans"] or [{"LiveNodes": "{}", "Safemode": "it is starting"}]
    # Keys are "worker:9866".
    live = {name.split(":")[0] for name in json.loads(bean["LiveNodes"])}
    missing, text = roll_call(site.cluster.workers, live, "DataNodes live")
    if bean["Safemode"]:
        return False, f"{text}, safe mode is on"
    return not missing, text
