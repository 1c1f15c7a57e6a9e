from __future__ import annotations

import pytest

from tests.provision.sites import Heard


@pytest.fixture
def heard() -> Heard:
    return Heard()
