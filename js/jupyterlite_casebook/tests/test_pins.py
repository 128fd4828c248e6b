"""The pins alone: reading them, and comparing a lock with them."""

from __future__ import annotations

from typing import Any

import pytest

from jupyterlite_casebook.pins import Pin, PinError, check_lock, parse_pins

GOOD = "a" * 64
OTHER = "b" * 64
PINS = {"stack-data": Pin("stack-data", "0.6.3", GOOD)}


def lock(**package: str) -> dict[str, Any]:
    """Make a lock with one package."""
    whole = {"name": "stack_data", "version": "0.6.3", "sha256": GOOD, "file_name": "stack_data.whl", **package}
    return {"packages": {whole["name"]: whole}}


def test_pins_are_read_with_comments_and_blank_lines() -> None:
    assert parse_pins(f"# why\n\nstack-data==0.6.3 --hash=sha256:{GOOD}\n") == [PINS["stack-data"]]


@pytest.mark.parametrize("line", ["stack-data", "stack-data==0.6.3", f"stack-data>=0.6 --hash=sha256:{GOOD}"])
def test_a_line_that_pins_nothing_is_named(line: str) -> None:
    with pytest.raises(PinError, match="line 1 of the pins"):
        parse_pins(line)


def test_the_pinned_wheel_passes_however_its_name_is_written() -> None:
    assert check_lock(lock(), PINS, only_pinned=True) == []


@pytest.mark.parametrize("change", [{"sha256": OTHER}, {"version": "0.6.4"}])
def test_another_wheel_of_a_pinned_name_is_refused_always(change: dict[str, str]) -> None:
    for only_pinned in (True, False):
        with pytest.raises(PinError, match=r"stack-data .* is not the pinned 0\.6\.3"):
            check_lock(lock(**change), PINS, only_pinned=only_pinned)


def test_a_wheel_without_a_pin_is_refused_unless_the_owner_allows_it() -> None:
    extra = lock(name="extra")
    with pytest.raises(PinError, match=r"extra 0\.6\.3 is not among the pinned wheels"):
        check_lock(extra, PINS, only_pinned=True)
    assert check_lock(extra, PINS, only_pinned=False) == ["extra"]


def test_a_wheel_of_an_installed_labextension_needs_no_pin() -> None:
    widgets = lock(name="widgets", file_name="../../extensions/widgets/static/pypi/widgets.whl")
    assert check_lock(widgets, PINS, only_pinned=True) == ["widgets"]
