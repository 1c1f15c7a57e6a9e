"""The owner's SSH key on this machine."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from contract.errors import WorkstationError
from infra.keypair import existing_key, own_key


def test_the_pair_is_made_once_private_and_as_openssh_reads_it(tmp_path: Path):
    path = tmp_path / "keys" / "mine"
    made = own_key(path, comment="clusterbed-mine")
    assert own_key(path, comment="clusterbed-mine") == made
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    derived = subprocess.run(["ssh-keygen", "-y", "-f", path], check=True, capture_output=True, text=True)
    assert derived.stdout.split()[:2] == made.public.split()[:2]
    assert made.public.endswith(" clusterbed-mine")


def test_a_pair_whose_making_was_interrupted_is_made_again(tmp_path: Path):
    (tmp_path / "mine.pub").write_text("ssh-ed25519 half")
    made = own_key(tmp_path / "mine", comment="c")
    assert "half" not in made.public


def test_a_missing_half_is_named(tmp_path: Path):
    own_key(tmp_path / "mine", comment="c")
    (tmp_path / "mine").unlink()
    with pytest.raises(WorkstationError) as caught:
        existing_key(tmp_path / "mine.pub")
    assert str(tmp_path / "mine") in caught.value.what


def test_a_file_that_is_no_key_is_named(tmp_path: Path):
    (tmp_path / "mine").write_text("x")
    (tmp_path / "mine.pub").write_text("hello")
    with pytest.raises(WorkstationError, match=r"mine\.pub holds no SSH public key"):
        existing_key(tmp_path / "mine.pub")


def test_a_directory_that_cannot_be_made_is_named(tmp_path: Path):
    (tmp_path / "keys").write_text("a file where the directory should be")
    with pytest.raises(WorkstationError) as caught:
        own_key(tmp_path / "keys" / "mine", comment="c")
    assert str(tmp_path / "keys" / "mine") in caught.value.what
