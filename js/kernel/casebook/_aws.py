"""The cloud account behind the metrics: from a series to the machine that it comes from."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from casebook import _api, _core
from casebook._errors import BadRequestError, CasebookError
from casebook._table import Cell, Column, Table
from casebook._verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

_ID = re.compile(r"i-(?:[0-9a-f]{8}|[0-9a-f]{17})")


class InstanceError(CasebookError, LookupError):
    """No running instance, or more than one: the message lists them."""


_ERRORS = dict.fromkeys(("no_instance", "many_instances", "no_rule"), InstanceError)


def aws(name: str = "main") -> Aws:
    """The AWS account that the proxy knows by this name."""
    return Aws(name)


class Aws:
    """Asks one AWS account through the proxy; it holds a name, never a key."""

    def __init__(self, name: str) -> None:
        if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z0-9_-]{1,64}", name):
            raise BadRequestError(
                f"{name!r} is not the name of an account.", 'Use a name such as "main".'
            )
        self.name = name

    async def instance(
        self,
        of: Mapping[str, str] | Verdict | str | None = None,
        *,
        tags: Mapping[str, str] | None = None,
        region: str | None = None,
    ) -> Instance:
        """The one running instance behind a series, with these tags, or of this id.

        ``of`` is a series (``verdict.top``), the verdict itself, a mapping of labels, or an id such
        as ``"i-0abc…"``; the proxy's configuration says how labels lead to an instance. None, or
        more than one, is an ``InstanceError`` that lists them.
        """
        question = _question(of, tags)
        if region is not None:
            question["region"] = region
        answer = await _api.ask("POST", f"/api/v1/aws/{self.name}/instance", question, _ERRORS)
        return Instance(**answer["instance"], by=answer["by"])

    async def instances(
        self,
        tags: Mapping[str, str] | None = None,
        *,
        region: str | None = None,
        state: str = "running",
    ) -> Instances:
        """All instances with these tags; ``state="any"`` shows the stopped ones too."""
        if state not in ("running", "any"):
            raise BadRequestError(f"state={state!r} is unknown.", 'Use "running" or "any".')
        pairs = [("tag", f"{key}={value}") for key, value in _texts(tags or {}, "tags").items()]
        if region is not None:
            pairs.append(("region", region))
        pairs.append(("state", state))
        path = f"/api/v1/aws/{self.name}/instances?{urlencode(pairs)}"
        answer = await _api.ask("GET", path, None, _ERRORS)
        return Instances([Instance(**item) for item in answer["instances"]], self.name, tags or {})

    def endpoint_url(self, service: str = "ec2", region: str = "us-east-1") -> str:
        """The address by which boto3 asks this account through the proxy.

        The keys that boto3 wants may be anything: the proxy drops that signature and makes its own.
        """
        return f"{_core.base_url()}/api/aws/{self.name}/{service}/{region}/"

    def boto3(self, service: str = "ec2", region: str = "us-east-1") -> Any:
        """A boto3 client for this account, where boto3 is installed."""
        try:
            import boto3  # noqa: PLC0415 - 2 MB that few notebooks need
        except ImportError:
            raise CasebookError(
                "boto3 is not installed in this kernel.",
                "Use await cb.aws().instances(), which needs no package, or install boto3.",
            ) from None
        session = boto3.session.Session(
            aws_access_key_id="casebook", aws_secret_access_key="casebook", region_name=region
        )
        session.events.register("before-send.*", text_headers)
        return session.client(service, endpoint_url=self.endpoint_url(service, region))

    def __repr__(self) -> str:
        return f"Aws({self.name!r})"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        hint = 'ask it with await ….instance(verdict.top) or await ….instance(tags={"kind": "…"})'
        return {"text/plain": f'AWS account "{self.name}": {hint}'}

    def to_dict(self) -> dict[str, Any]:
        """The account's name."""
        return {"account": self.name}


@dataclass(frozen=True)
class Instance:
    """An EC2 instance as the proxy found it; ``by`` says how, such as ``tag kind=object4``."""

    account: str
    region: str
    instance_id: str
    state: str
    private_ip: str | None
    private_dns: str | None
    type: str
    zone: str
    launched_at: str
    tags: dict[str, str] = field(default_factory=dict)
    by: str = ""

    def table(self) -> Table:
        """The instance as a table of two columns."""
        facts: list[tuple[str, str | None]] = [
            ("id", self.instance_id),
            ("state", self.state),
            ("private address", self.private_ip),
            ("private DNS name", self.private_dns),
            ("type", self.type),
            ("zone", self.zone),
            ("launched", self.launched_at),
            ("account", f"{self.account}, {self.region}"),
            *((f"tag {key}", value) for key, value in sorted(self.tags.items())),
        ]
        columns = [Column("name", "", align="left"), Column("value", "", align="left")]
        caption = f"Instance {self.instance_id}" + (f", found by {self.by}" if self.by else "")
        return Table(caption, columns, [{"name": name, "value": value} for name, value in facts])

    def __repr__(self) -> str:
        return self.table().text()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return self.table().bundle()

    def to_dict(self) -> dict[str, Any]:
        """All fields."""
        return asdict(self)


class Instances:
    """Several instances, in the order of region and id."""

    def __init__(self, found: list[Instance], account: str, tags: Mapping[str, str]) -> None:
        self._found = found
        self._account = account
        self._tags = dict(tags)

    def __len__(self) -> int:
        return len(self._found)

    def __iter__(self) -> Iterator[Instance]:
        return iter(self._found)

    def __getitem__(self, index: int) -> Instance:
        return self._found[index]

    def table(self) -> Table:
        """The instances as a table, with a column for each of the commonest tags."""
        counts: dict[str, int] = {}
        for instance in self._found:
            for key in instance.tags:
                counts[key] = counts.get(key, 0) + 1
        shown = sorted(counts, key=lambda key: (key != "Name", -counts[key], key))[:4]
        columns = [
            Column("id", "id", align="left"),
            *(Column(f"tag {key}", key, align="left") for key in shown),
            Column("state", "state", align="left"),
            Column("address", "private address", align="left"),
            Column("type", "type", align="left"),
            Column("zone", "zone", align="left"),
        ]
        rows: list[dict[str, Cell]] = [
            {
                "id": one.instance_id,
                "state": one.state,
                "address": one.private_ip,
                "type": one.type,
                "zone": one.zone,
                **{f"tag {key}": one.tags.get(key) for key in shown},
            }
            for one in self._found
        ]
        wanted = ", ".join(f"{key}={value}" for key, value in self._tags.items())
        caption = f"Instances of {self._account}" + (f" with {wanted}" if wanted else "")
        return Table(caption, columns, rows, [] if rows else ["There are none."])

    def __repr__(self) -> str:
        return self.table().text()

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return self.table().bundle()

    def to_dict(self) -> dict[str, Any]:
        """The instances."""
        return {"instances": [one.to_dict() for one in self._found]}


def text_headers(request: Any, **_: Any) -> None:
    """Make text of boto3's headers: in the browser, bytes would arrive as ``97,112,…``."""
    for name, value in list(request.headers.items()):
        if isinstance(value, bytes):
            del request.headers[name]
            request.headers[name] = value.decode("latin-1")
    request.headers["x-casebook"] = "1"


def _question(
    of: Mapping[str, str] | Verdict | str | None, tags: Mapping[str, str] | None
) -> dict[str, Any]:
    if (of is None) == (tags is None):
        raise BadRequestError(
            "An instance is looked for by a series, by tags or by its id: exactly one of them.",
            'Write await cb.aws().instance(verdict.top), or instance(tags={"kind": "…"}).',
        )
    if tags is not None:
        return {"tags": _texts(tags, "tags")}
    if isinstance(of, str):
        if not _ID.fullmatch(of):
            raise BadRequestError(f"{of!r} is no instance id.", 'An id is like "i-0abc1234".')
        return {"id": of}
    labels = of.top if isinstance(of, Verdict) else of
    return {"labels": _texts(labels, "labels")}


def _texts(pairs: object, what: str) -> dict[str, str]:
    if not isinstance(pairs, Mapping) or not all(
        isinstance(text, str) for pair in pairs.items() for text in pair
    ):
        raise BadRequestError(
            f"{pairs!r} are no {what}.", f'Give {what} such as {{"kind": "object4"}}.'
        )
    return dict(pairs)
