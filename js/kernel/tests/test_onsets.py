"""What a cell says of when it began."""

import pytest

import casebook as cb
from casebook._since import Onsets, Since
from casebook._table import MIME
from casebook._verdict import Verdict


def onset(row, which, place, at, *, changed="level", size=4.0, **more):
    return {
        "row": row,
        "name": f'level{{which="{which}"}}',
        "labels": {"__name__": "level", "which": which},
        "place": place,
        "after_ms": at,
        "by_ms": at + 10_000,
        "ended_ms": None,
        "before_window": False,
        "onset": {"changed": changed, "size": size, "before": 3.0, "after": 3.0 + size},
        "sentence": f'which="{which}" rose.',
        **more,
    }


def found(*order, scrape=1.0):
    sentence = "Somebody was first."
    return {"order": list(order), "without": [7], "scrape_steps": scrape, "sentence": sentence}


TWO = found(onset(2, "b", 1, 60_000), onset(0, "a", 2, 90_000, changed="swing", size=-1.0))


def test_the_order_of_onsets_is_a_table_of_intervals():
    table = Onsets(TWO, "Onsets of level", "s").table().data()
    assert table["headline"] == "Somebody was first."
    assert "tone" not in table
    assert [column["label"] for column in table["columns"]] == [
        "#",
        "series",
        "change",
        "after (UTC)",
        "by (UTC)",
        "from",
        "to",
    ]
    first, second = table["rows"]
    assert (first["place"], first["series"], first["change"]) == (1, "which=b", "rose")
    assert (first["after"], first["by"]) == ("1970-01-01T00:01:00Z", "1970-01-01T00:01:10Z")
    assert second["change"] == "swings less"
    assert table["notes"] == ["1 series have no onset."]


def test_a_burst_and_a_change_before_the_window_have_columns_of_their_own():
    burst = onset(0, "a", 1, 0, ended_ms=[50_000, 60_000], before_window=True)
    text = repr(Onsets(found(burst, scrape=3.0)))
    assert "over by (UTC)" in text
    assert "1970-01-01T00:01:00Z" in text
    assert "before the window" in text
    assert "About 3 steps show the same sample" in text


def test_onsets_are_a_sequence_of_series():
    onsets = Onsets(TWO)
    assert len(onsets) == 2
    assert [series["which"] for series in onsets] == ["b", "a"]
    assert onsets[0].row == 2
    assert onsets.to_dict() is TWO


@pytest.mark.parametrize(
    ("data", "suspects", "sentence"),
    [
        (TWO, [2], 'which="b" rose. None changed before.'),
        (TWO, [0], 'which="a" rose. 1 other series changed before.'),
        (TWO, [], "Somebody was first."),
        (
            found(onset(0, "a", 1, 0), onset(1, "b", 1, 0)),
            [1],
            'which="b" rose. 1 other series changed within the same step.',
        ),
    ],
)
def test_the_suspects_onset_is_set_among_the_others(data, suspects, sentence):
    since = Since(data, suspects)
    assert since.sentence == sentence
    assert since.onset == next((i for i in data["order"] if i["row"] in suspects), None)


def test_a_suspect_without_an_onset_is_not_given_one():
    since = Since(TWO, [5])
    assert since.onset is None
    assert since.sentence.startswith("The suspect shows no onset")
    assert since.sentence.endswith("Somebody was first.")
    assert "tone" not in since._repr_mimebundle_()[MIME]


def test_a_verdict_without_its_answer_says_what_to_ask_instead():
    verdict = Verdict({"kind": "none", "ranking": [], "reason": "No suspect."})
    with pytest.raises(cb.CasebookError) as caught:
        _ = verdict.since
    assert "suspects()" in caught.value.next_step
