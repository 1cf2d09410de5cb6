"""A program that calls the API with a token, for the tests."""

from typing import Any

from django.test import Client

from nkwatch.editorial.models import ApiToken


class Program:
    """Calls in the name of `user` with a token of `scope`; without a user, as anybody."""

    def __init__(self, user: Any = None, scope: str = "draft", name: str = "monitor") -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"authorization": f"Token {ApiToken.make(user, name, scope)[1]}"} if user else {}

    def get(self, address: str) -> Any:
        return self.client.get(f"/api/v1/{address}", headers=self.headers)

    def post(self, address: str, data: Any = None, etag: str = "", **headers: str) -> Any:
        return self.send("post", address, {} if data is None else data, _matching(etag) | headers)

    def patch(self, address: str, data: Any, etag: str = "") -> Any:
        return self.send("patch", address, data, _matching(etag))

    def etag(self, address: str) -> str:
        """The tag of a record's version, as the desk reads it."""
        return str(self.get(f"desk/{address}")["ETag"])

    def step(self, address: str, step: str, data: Any = None) -> Any:
        """Take a step with a record as it stands."""
        return self.post(f"{address}{step}/", data, self.etag(address))

    def decide(self, address: str, step: str, **data: Any) -> Any:
        """Approve, return or withdraw the one thing that waits about a record as it stands."""
        [waits] = self.get(f"desk/{address}").json()["waiting"]
        return self.step(address, step, {waits["kind"]: waits["id"], **data})

    def merge(self, address: str, into: str, /, **data: Any) -> Any:
        """Merge a record into another of its kind, both as they stand."""
        seen = {"into": into, "into_version": self.etag(f"{address.partition('/')[0]}/{into}/")}
        return self.step(address, "merge", {"reason": "one agency", **seen, **data})

    def change(self, address: str, **data: Any) -> Any:
        """Change a record as it stands."""
        return self.patch(address, data, self.etag(address))

    def send(self, method: str, address: str, data: Any, headers: dict[str, str]) -> Any:
        """Send `data` as JSON."""
        told = self.headers | headers
        return getattr(self.client, method)(f"/api/v1/{address}", data, content_type="application/json", headers=told)


def _matching(etag: str) -> dict[str, str]:
    return {"if-match": etag} if etag else {}


def errors(response: Any) -> dict[str | None, str]:
    """What was wrong, by what it is about."""
    assert response["Content-Type"] == "application/json", response.content
    return {error["attr"]: error["detail"] for error in response.json()["errors"]}


def ask(response: Any, status: int) -> Any:
    """The answer, which is to have this status."""
    assert response.status_code == status, (response.status_code, response.content)
    return response.json()
