"""What the services' steps put on a node. Every template is rendered here."""

from __future__ import annotations

import re
import subprocess
import tomllib
import xml.etree.ElementTree as ET
from configparser import ConfigParser
from pathlib import Path

import pytest

from contract import ports
from contract.cluster import Node
from provision import services, templates
from provision.services import hdfs, software, ssh_trust
from provision.services.site import PREFIX, Site
from provision.step import File, Step
from tests.provision.sites import DOCUMENTED, make_cluster, make_site

FOLDER = Path(templates.__file__).parent


def steps_of(site: Site, name: str) -> dict[str, Step]:
    node = site.cluster.node(name)
    return {step.name: step for step in services.steps(site, node, DOCUMENTED)}


def files_of(site: Site, name: str) -> dict[str, str]:
    return {file.path: file.content for step in steps_of(site, name).values() for file in step.files}


def unit_of(site: Site, node: str, unit: str) -> ConfigParser:
    parsed = ConfigParser(strict=False, interpolation=None)
    parsed.optionxform = str  # type: ignore[assignment,method-assign]
    parsed.read_string(files_of(site, node)[f"/etc/systemd/system/{unit}"])
    return parsed


def properties(text: str) -> list[ET.Element]:
    return ET.fromstring(text).findall("property")  # noqa: S314 - our own files


@pytest.fixture
def site() -> Site:
    return make_site(workers=2)


def test_every_template_is_used_and_renders(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    read: set[str] = set()
    original = templates.text

    def noting(name: str) -> str:
        read.add(name)
        return original(name)

    monkeypatch.setattr(templates, "text", noting)
    for module in ("hdfs", "journal"):
        monkeypatch.setattr(f"provision.services.{module}.text", noting)
    for node in site.cluster.nodes:
        services.steps(site, node, DOCUMENTED)
    there = {path.name for path in FOLDER.iterdir() if path.suffix not in {".py", ".pyc"} and path.is_file()}
    of_runs = {"ship.sh", "run_start.sh", "run_status.sh", "run_stop.sh", "ssh_config"}
    assert read == there - of_runs


@pytest.mark.parametrize("name", ["master", "worker", "worker-2"])
def test_every_shell_text_is_bash(site: Site, name: str) -> None:
    for step in steps_of(site, name).values():
        for text in (step.apply, step.check):
            subprocess.run(["bash", "-n"], input=text, text=True, check=True)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.sh")), ids=lambda path: path.name)
def test_every_template_of_shell_is_bash(path: Path) -> None:
    subprocess.run(["bash", "-n", str(path)], check=True)


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.sh")), ids=lambda path: path.name)
def test_no_pipe_ends_its_first_program_early(path: Path) -> None:
    """`grep -q` and `head` close the pipe; with pipefail the SIGPIPE then fails the check, now and then."""
    assert not re.search(r"\| *(grep -\w*q|head)\b", path.read_text())


def test_a_value_a_template_does_not_ask_for_is_refused() -> None:
    with pytest.raises(ValueError, match="does not ask for"):
        templates.render("core-site.xml", url="u", scratch="s", account="a", more="x")
    with pytest.raises(KeyError):
        templates.render("core-site.xml", url="u")


def test_values_are_escaped_where_the_file_is_xml() -> None:
    text = templates.render("core-site.xml", url="a<b&c", scratch="s", account="a")
    (first, *_) = properties(text)
    assert first.findtext("value") == "a<b&c"


def test_the_order_is_what_others_wait_for_first(site: Site) -> None:
    head = list(steps_of(site, "master"))
    assert head.index("nat") < head.index("ssh_key")
    assert head.index("ssh_key") < head.index("software") < head.index("clusterbed-hdfs-namenode")
    assert head[-2:] == ["spark_defaults", "ssh_trust"]


class TestHosts:
    """S1.3"""

    def test_every_node_knows_its_name_and_all_addresses(self, site: Site) -> None:
        for name in ("master", "worker", "worker-2"):
            apply = steps_of(site, name)["hosts"].apply
            assert f"NAME={name}\n" in apply
            for line in ("10.0.1.10 master", "10.0.2.11 worker", "10.0.2.12 worker-2"):
                assert line in apply


class TestSshTrust:
    """S1.4"""

    def test_the_pair_is_made_on_the_master_alone(self, site: Site) -> None:
        assert "-t rsa" in steps_of(site, "master")["ssh_key"].apply
        assert "ssh_key" not in steps_of(site, "worker")

    def test_every_node_gets_its_public_half_and_all_host_keys(self, site: Site) -> None:
        for node in site.cluster.nodes:
            assert steps_of(site, node.name)["ssh_trust"].facts == (ssh_trust.KEY, ssh_trust.KNOWN_HOSTS)

    def test_host_keys_stand_under_name_and_address(self) -> None:
        keys = {"master": ("ssh-ed25519 AAA",), "worker": ("ssh-ed25519 BBB", "ssh-rsa CCC")}
        assert ssh_trust.known_hosts(make_cluster(), keys).splitlines() == [
            "master,10.0.1.10 ssh-ed25519 AAA",
            "worker,10.0.2.11 ssh-ed25519 BBB",
            "worker,10.0.2.11 ssh-rsa CCC",
        ]


def test_nat_is_on_the_head_alone_and_adopts_what_boot_made(site: Site) -> None:
    """S1.2"""
    assert steps_of(site, "master")["nat"].adopts
    assert "nat" not in steps_of(site, "worker")


class TestSoftware:
    """S1.5, S1.9"""

    def test_built_on_the_head_fetched_by_the_workers(self, site: Site) -> None:
        assert steps_of(site, "master")["software"].publishes == {
            software.DIGEST: f"/var/cache/clusterbed/{software.fingerprint()}.sha256"
        }
        fetch = steps_of(site, "worker")["software"]
        assert fetch.facts == (software.DIGEST,)
        assert f"http://10.0.1.10:{ports.SOFTWARE}/{software.fingerprint()}.squashfs" in fetch.apply

    def test_a_mirror_replaces_a_registry(self) -> None:
        site = make_site(
            software={"maven_mirror": "http://mirror/m2", "python_index": "http://mirror/simple"}
        )
        apply = steps_of(site, "master")["software"].apply
        assert "MAVEN_MIRROR=http://mirror/m2" in apply
        assert "PYTHON_INDEX=http://mirror/simple" in apply

    def test_every_package_is_pinned_by_digest_and_none_by_address(self) -> None:
        folder = Path(services.__file__).parent.parent / "software"
        for name in ("requirements.txt", "tools.txt", "backends.txt"):
            text = (folder / name).read_text()
            assert "://" not in text
            entries = [line for line in text.splitlines() if "==" in line]
            assert entries
            assert all(line.rstrip().endswith("\\") for line in entries)
            assert text.count("--hash=sha256:") >= len(entries)
        for name in ("hadoop.lock", "cpython.lock"):
            rows = [line.split() for line in (folder / name).read_text().splitlines() if line[0] != "#"]
            assert rows
            assert all(len(row) == 5 and len(row[4]) == 64 for row in rows)

    def test_hadoop_is_what_pyspark_is_built_for(self) -> None:
        folder = Path(services.__file__).parent.parent / "software"
        locked = (folder / "hadoop.lock").read_text()
        for artifact in ("hadoop-common", "hadoop-hdfs", "hadoop-hdfs-client"):
            assert f"org.apache.hadoop {artifact} 3.5.0 - " in locked
        assert "pyspark==4.3.0" in (folder / "requirements.txt").read_text()

    def test_the_builders_run_on_the_nodes_own_python(self) -> None:
        """Ubuntu 22.04 has Python 3.10."""
        project = tomllib.loads((Path(services.__file__).parents[2] / "pyproject.toml").read_text())
        assert project["project"]["requires-python"] == ">=3.11"
        room = Path(services.__file__).parent.parent
        on_the_node = [
            *(room / "software").glob("*.py"),
            room / "agent.py",
            room / "probe.py",
            room / "follow.py",
        ]
        for path in on_the_node:
            compile(path.read_text(), str(path), "exec")
            for newer in ("StrEnum", "datetime import UTC", "tomllib", "except*", "import contract"):
                assert newer not in path.read_text()


class TestHdfs:
    """S1.8"""

    def properties(self, site: Site, node: str) -> dict[str | None, str | None]:
        files = files_of(site, node)
        both = [files[f"{hdfs.FOLDER}/{name}"] for name in ("core-site.xml", "hdfs-site.xml")]
        found = [one for text in both for one in properties(text)]
        return {one.findtext("name"): one.findtext("value") for one in found}

    def test_namenode_on_the_head_datanode_on_every_worker(self, site: Site) -> None:
        assert "clusterbed-hdfs-namenode" in steps_of(site, "master")
        assert "clusterbed-hdfs-datanode" not in steps_of(site, "master")
        for name in ("worker", "worker-2"):
            assert "clusterbed-hdfs-datanode" in steps_of(site, name)

    def test_settings_and_ports(self) -> None:
        site = make_site(workers=2, hdfs={"replication": 2, "block_mib": 64})
        found = self.properties(site, "worker-2")
        assert found["fs.defaultFS"] == "hdfs://master:9820"
        assert found["dfs.replication"] == "2"
        assert found["dfs.blocksize"] == str(64 * 1024**2)
        assert found["dfs.datanode.hostname"] == "worker-2"
        assert found["dfs.datanode.address"] == f"0.0.0.0:{ports.DATANODE_DATA}"
        assert found["dfs.namenode.safemode.extension"] == "0"

    def test_formatted_only_where_there_is_nothing(self, site: Site, tmp_path: Path) -> None:
        apply = templates.text("namenode_format.sh")
        for made, exit_code in (("fsimage_0000000000000000000.md5", 0), ("edits_inprogress_1", 1)):
            current = tmp_path / made / "current"
            current.mkdir(parents=True)
            (current / made).touch()
            values = {"directory": str(tmp_path / made), "java": "false", "account": "root", "classpath": ""}
            text = templates.script("namenode_format.sh", **values)
            done = subprocess.run(["bash", "-euo", "pipefail", "-c", text], check=False, capture_output=True)
            assert done.returncode == exit_code
            assert (current / made).exists()
        assert "formatted" in apply

    def test_heaps(self, site: Site) -> None:
        command = unit_of(site, "master", "clusterbed-hdfs-namenode.service")["Service"]["ExecStart"]
        assert "-Xmx512m" in command
        assert command.endswith("org.apache.hadoop.hdfs.server.namenode.NameNode")


class TestSpark:
    """S1.6"""

    def test_master_on_7077_and_workers_that_know_it(self, site: Site) -> None:
        master = unit_of(site, "master", "clusterbed-spark-master.service")["Service"]["ExecStart"]
        assert "--host master --port 7077" in master
        worker = unit_of(site, "worker-2", "clusterbed-spark-worker.service")["Service"]["ExecStart"]
        assert "spark://master:7077" in worker
        assert "--cores 2 --memory 6414M" in worker
        assert f"--port {ports.SPARK_WORKER_RPC} " in worker

    def test_drivers_keep_to_the_ports_the_firewall_opens(self, site: Site) -> None:
        text = files_of(site, "master")["/etc/clusterbed/spark/spark-defaults.conf.in"]
        found = dict(line.split(maxsplit=1) for line in text.splitlines())
        assert found["spark.driver.port"] == str(ports.SPARK_DRIVER.first)
        assert found["spark.blockManager.port"] == str(ports.SPARK_BLOCK_MANAGER.first)
        assert found["spark.port.maxRetries"] == str(ports.SPARK_PORT_RETRIES)
        assert found["spark.driver.memory"] == "512m"
        assert found["spark.sql.execution.arrow.pyspark.enabled"] == "true"

    def test_nobody_submits_by_rest(self, site: Site) -> None:
        """The Master's REST server takes jobs from whoever reaches it; nothing here needs it."""
        assert (
            "-Dspark.master.rest.enabled=false"
            in files_of(site, "master")["/etc/clusterbed/spark/daemon.env"]
        )

    def test_the_executors_size_comes_from_all_workers(self, site: Site) -> None:
        assert steps_of(site, "master")["spark_defaults"].facts == ("executor",)


class TestRay:
    """S1.7"""

    def test_head_on_the_master_and_workers_that_join(self, site: Site) -> None:
        head = unit_of(site, "master", "clusterbed-ray.service")["Service"]["ExecStart"]
        assert " --head" in head
        assert "--port=6379" in head
        worker = unit_of(site, "worker-2", "clusterbed-ray.service")["Service"]["ExecStart"]
        assert "--address=10.0.1.10:6379" in worker
        assert "--node-ip-address=10.0.2.12" in worker

    def test_nothing_is_reported_to_the_makers(self, site: Site) -> None:
        assert "RAY_USAGE_STATS_ENABLED=0" in files_of(site, "worker")["/etc/clusterbed/ray.env"]


@pytest.mark.parametrize("name", ["master", "worker"])
def test_every_daemon_starts_at_boot_after_its_software_and_comes_back(site: Site, name: str) -> None:
    for path in files_of(site, name):
        if not path.endswith(".service") or path.endswith("clusterbed-software.service"):
            continue
        unit = unit_of(site, name, Path(path).name)
        assert unit["Install"]["WantedBy"] == "multi-user.target"
        assert unit["Unit"]["RequiresMountsFor"] == PREFIX
        assert unit["Service"]["Restart"] in {"on-failure", "always"}
        assert unit["Service"]["User"] == "clusterbed"


def test_only_the_services_that_are_asked_for() -> None:
    names = steps_of(make_site(services=["hdfs"]), "worker")
    assert "clusterbed-hdfs-datanode" in names
    assert not {name for name in names if "spark" in name or "ray" in name}


def test_a_changed_setting_changes_the_step_it_belongs_to_and_no_other() -> None:
    before = steps_of(make_site(), "worker")
    after = steps_of(make_site(hdfs={"datanode_heap_mib": 300}), "worker")
    changed = {name for name in before if before[name].fingerprint != after[name].fingerprint}
    assert changed == {"clusterbed-hdfs-datanode"}


def test_units_and_nodes_have_files_of_their_own(site: Site) -> None:
    for node in site.cluster.nodes:
        assert isinstance(node, Node)
        by_path: dict[str, File] = {}
        for step in steps_of(site, node.name).values():
            for file in step.files:
                assert by_path.setdefault(file.path, file) == file
