"""One series: its labels, and its name in PromQL."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


class Series(Mapping[str, str]):
    """The labels of one series, as a mapping: ``series["which"]``.

    ``name`` is the PromQL that selects it, ``row`` its place in the answer.
    """

    def __init__(self, row: int, name: str, labels: Mapping[str, str]) -> None:
        self.row = row
        self.name = name
        self.labels = dict(labels)

    def __getitem__(self, label: str) -> str:
        try:
            return self.labels[label]
        except KeyError:
            known = ", ".join(self.labels) or "none"
            raise KeyError(f"no label {label!r} in {self.name}; its labels: {known}") from None

    def __iter__(self) -> Iterator[str]:
        return iter(self.labels)

    def __len__(self) -> int:
        return len(self.labels)

    def __repr__(self) -> str:
        return self.name

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {"text/plain": self.name}

    def to_dict(self) -> dict[str, str]:
        """The labels."""
        return dict(self.labels)


def short_names(series: list[Mapping[str, str]]) -> list[str]:
    """Names that tell the series apart by the labels in which they differ: ``which="a"``.

    Twenty labels that are all the same help nobody at 3 am.
    """
    keys = sorted({key for labels in series for key in labels})
    telling = [key for key in keys if len({labels.get(key) for labels in series}) > 1]
    # One label alone often tells all apart; the shortest such name is the one people use.
    alone = [key for key in telling if len({labels.get(key) for labels in series}) == len(series)]
    if alone:
        telling = [min(alone, key=lambda key: (_width(series, key), key))]
    return [
        ", ".join(f"{key}={labels[key]}" for key in telling if key in labels)
        or labels.get("__name__", "")
        or "{}"
        for labels in series
    ]


def _width(series: list[Mapping[str, str]], key: str) -> int:
    return sum(len(labels.get(key, "")) for labels in series)
