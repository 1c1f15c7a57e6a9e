"""fsspec's WebHDFS client for addresses of the cluster itself."""

from __future__ import annotations

from fsspec.implementations.webhdfs import WebHDFS


class DirectWebHdfs(WebHDFS):  # type: ignore[misc]
    """Leaves the proxies of the environment aside: they are for package registries, not for the DataNodes."""

    def _connect(self) -> None:
        super()._connect()
        self.session.trust_env = False
