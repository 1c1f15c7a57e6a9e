"""The image's builder: what is downloaded is what the locks say; an interrupted build leaves nothing half."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from provision.software import build, maven
from provision.software.maven import Artifact

CONTENT = b"a jar"
JAR = Artifact("org.example", "thing", "1.0", "tests", hashlib.sha256(CONTENT).hexdigest())


class Central:
    """Stands in for jgo: answers with `answers`, one a download."""

    def __init__(self, *answers: bytes | Exception) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, ...]] = []
        self.remotes: object = None

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        module = types.ModuleType("jgo.maven")
        module.MavenContext = self.context  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "jgo", types.ModuleType("jgo"))
        monkeypatch.setitem(sys.modules, "jgo.maven", module)

    def context(self, *, repo_cache: Path, remote_repos: object, timeout: int) -> Any:
        self.remotes = remote_repos

        def resolve() -> Path:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            (repo_cache / "download").write_bytes(answer)
            return repo_cache / "download"

        def artifact(classifier: str) -> Any:
            self.asked[-1] += (classifier,)
            return types.SimpleNamespace(resolve=resolve)

        def project(group: str, name: str) -> Any:
            self.asked.append((group, name))
            return types.SimpleNamespace(at_version=lambda version: types.SimpleNamespace(artifact=artifact))

        return types.SimpleNamespace(project=project)


def test_a_lock_line_is_an_artifact(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    lock.write_text("# comment\norg.example thing 1.0 tests abc\norg.example other 2.0 - def\n")
    first, second = maven.read_lock(lock)
    assert first.jar == "thing-1.0-tests.jar"
    assert second.jar == "other-2.0.jar"


def test_an_artifact_is_downloaded_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    central = Central(CONTENT)
    central.install(monkeypatch)
    for _ in range(2):
        assert maven.fetch(JAR, tmp_path, None).read_bytes() == CONTENT
    assert central.asked == [("org.example", "thing", "tests")]
    assert central.remotes is None


def test_a_mirror_takes_the_registrys_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    central = Central(CONTENT)
    central.install(monkeypatch)
    maven.fetch(JAR, tmp_path, "http://mirror/m2")
    assert central.remotes == {"mirror": "http://mirror/m2"}


def test_a_download_that_fails_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Central(OSError("reset"), b"half a j", CONTENT).install(monkeypatch)
    assert maven.fetch(JAR, tmp_path, None).read_bytes() == CONTENT


def test_another_content_is_never_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Central(*[b"something else"] * maven.ATTEMPTS).install(monkeypatch)
    with pytest.raises(SystemExit, match=r"thing-1.0-tests.jar of org.example cannot be had: its SHA-256 is"):
        maven.fetch(JAR, tmp_path, None)
    assert not list(tmp_path.iterdir())


def test_too_little_disk_is_said_before_anything_is_downloaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(build.shutil, "disk_usage", lambda path: types.SimpleNamespace(free=2 * 10**9))
    with pytest.raises(SystemExit, match=r"has 2.0 GB free, the build takes 6.4 GB; .*machines.volume_gb"):
        build.main([str(tmp_path / "x.squashfs"), "--source", str(tmp_path), "--prefix", "/opt/x"])
    assert not (tmp_path / "x.squashfs").exists()


def test_an_image_that_is_there_is_not_built_again(tmp_path: Path) -> None:
    image = tmp_path / "x.squashfs"
    image.write_bytes(b"image")
    build.main([str(image), "--source", "/nowhere", "--prefix", "/opt/x"])
    assert image.read_bytes() == b"image"


def test_what_a_killed_build_left_is_removed(tmp_path: Path) -> None:
    for stale in (tmp_path / ".build-x" / "tree", tmp_path / "maven" / ".part-y"):
        stale.mkdir(parents=True)
    (tmp_path / "maven" / "kept").mkdir()
    with build.only_one(tmp_path):
        assert {path.name for path in tmp_path.iterdir()} == {"lock", "maven"}
        assert [path.name for path in (tmp_path / "maven").iterdir()] == ["kept"]


def test_the_newest_images_are_kept(tmp_path: Path) -> None:
    for age in range(5):
        for suffix in ("squashfs", "sha256"):
            path = tmp_path / f"{age}.{suffix}"
            path.touch()
            os.utime(path, (1000 - age, 1000 - age))
    build.prune(tmp_path)
    assert {path.stem for path in tmp_path.iterdir()} == {"0", "1", "2"}


def test_java_starts_without_the_module_a_jre_lacks(tmp_path: Path) -> None:
    """S1.5: Spark asks every JVM for jdk.incubator.vector."""
    source = Path(build.__file__).parent / "java.sh"
    wrapper = tmp_path / "java" / "bin" / "java"
    real = tmp_path / "java" / "jre" / "bin" / "java"
    for path, text in ((wrapper, source.read_text()), (real, '#!/bin/bash\nprintf "%s\\n" "$@"\n')):
        path.parent.mkdir(parents=True)
        path.write_text(text)
        path.chmod(0o755)
    arguments = ["-Xmx1g", "--add-modules=jdk.incubator.vector", "-cp", "a b:*", "Main", "", "x'y"]
    done = subprocess.run([str(wrapper), *arguments], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:-1] == [one for one in arguments if "incubator" not in one]
