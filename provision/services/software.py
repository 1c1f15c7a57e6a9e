"""S1.5, S1.9 and the engines: one image, built once on the head, mounted by every node."""

from __future__ import annotations

import hashlib
from importlib import resources

from contract import ports
from contract.cluster import Node
from provision.services.site import CACHE, PREFIX, STATE, Site
from provision.step import File, Step
from provision.templates import render, script

DIGEST = "software_sha256"
"""The fact that carries the image's digest, when it is built."""

BUILD_WITHIN_S = 1800.0
SOURCE = ("build.py", "maven.py", "java.sh")
LOCKS = ("tools.txt", "backends.txt", "requirements.txt", "cpython.lock", "hadoop.lock")
MOUNT = "opt-clusterbed-software.mount"
"""systemd wants a mount unit named after its path."""


def steps(site: Site, node: Node) -> list[Step]:
    """Build and serve, or fetch; then mount."""
    image = f"{CACHE}/{fingerprint()}.squashfs"
    get = _build(site, image) if site.is_head(node) else _fetch(site, image)
    mount = Step(
        "software_mount",
        f"software at {PREFIX}",
        apply=script("software_mount.sh", unit=MOUNT, prefix=PREFIX, image=image),
        check=script("software_mount_check.sh", unit=MOUNT, prefix=PREFIX),
        files=(File(f"/etc/systemd/system/{MOUNT}", render("software.mount", image=image, prefix=PREFIX)),),
    )
    return [get, mount]


def fingerprint() -> str:
    """Of everything the image is made from: an image of another one is another file."""
    digest = hashlib.sha256(PREFIX.encode())
    for name in (*SOURCE, *LOCKS):
        digest.update(f"\0{name}\0{_read(name)}".encode())
    return digest.hexdigest()[:16]


def _build(site: Site, image: str) -> Step:
    source = f"{STATE}/software"
    served = f"{STATE}/served"
    unit = render(
        "software.service", port=ports.SOFTWARE, address=str(site.cluster.head.private_ip), served=served
    )
    mirrors = site.settings.software
    return Step(
        "software",
        "the software image",
        apply=script(
            "software_build.sh",
            source=source,
            image=image,
            prefix=PREFIX,
            served=served,
            maven_mirror=mirrors.maven_mirror or "",
            python_index=mirrors.python_index or "",
        ),
        check=script("software_build_check.sh", image=image),
        files=(
            *(File(f"{source}/{name}", _read(name)) for name in (*SOURCE, *LOCKS)),
            File("/etc/systemd/system/clusterbed-software.service", unit),
        ),
        publishes={DIGEST: image.replace(".squashfs", ".sha256")},
        deadline_s=BUILD_WITHIN_S,
    )


def _fetch(site: Site, image: str) -> Step:
    fetch = f"{STATE}/fetch.py"
    url = f"http://{site.cluster.head.private_ip}:{ports.SOFTWARE}/{image.rsplit('/', 1)[1]}"
    return Step(
        "software",
        "the software image",
        apply=script("software_fetch.sh", image=image, fetch=fetch, url=url),
        check=script("software_fetch_check.sh", image=image),
        files=(File(fetch, _read("fetch.py")),),
        facts=(DIGEST,),
        deadline_s=BUILD_WITHIN_S,
    )


def _read(name: str) -> str:
    return resources.files("provision.software").joinpath(name).read_text(encoding="utf-8")
