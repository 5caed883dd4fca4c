"""The HTTP session under ckanapi: uploads that are sent as they are read, and the status of the last answer."""

from __future__ import annotations

from typing import Any

import requests
from requests_toolbelt import MultipartEncoder


class PortalSession(requests.Session):
    """A session that never holds a whole upload in memory; ckanapi alone would build it there."""

    status = 0

    def post(self, url: str | bytes, data: Any = None, json: Any = None, **kwargs: Any) -> requests.Response:
        """As `requests.Session.post`; with `files`, fields and files become a stream of parts."""
        if files := kwargs.pop("files", None):
            parts = {name.decode(): value for name, value in data.items()}
            data = MultipartEncoder(parts | {name: (file.name, file.body) for name, file in files.items()})
            kwargs["headers"] = {**kwargs["headers"], "Content-Type": data.content_type}
        response = super().post(url, data=data, json=json, **kwargs)
        self.status = response.status_code
        return response
