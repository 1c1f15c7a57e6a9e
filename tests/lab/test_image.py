"""The machine image is named by its inputs."""

from __future__ import annotations

from pathlib import Path

from lab.image import tag_of


def test_equal_inputs_have_one_name_and_any_change_another(tmp_path: Path) -> None:
    (tmp_path / "Containerfile").write_text("FROM x\n")
    script = tmp_path / "script"
    script.write_text("true\n")
    first = tag_of(tmp_path, "base")
    assert tag_of(tmp_path, "base") == first
    names = {first, tag_of(tmp_path, "other base")}
    script.chmod(0o755)
    names.add(tag_of(tmp_path, "base"))
    script.write_text("false\n")
    names.add(tag_of(tmp_path, "base"))
    assert len(names) == 4
