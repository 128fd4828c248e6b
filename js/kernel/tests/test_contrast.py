"""What a cell says of what the suspects have in common."""

from casebook._contrast import Contrast
from casebook._table import MIME

FOUND = {
    "suspects": [5, 6, 8],
    "series": 40,
    "sentence": 'zone="b": 3 of 3 suspects, 5 of 40 series (p = 0.00101).',
    "others": ["which=…: no; no suspect shares its value with another series."],
    "values": [
        {
            "label": "zone",
            "value": "b",
            "same": ['rack="r1"'],
            "suspects": 3,
            "series": 5,
            "p": 0.00101,
            "q": 0.002,
            "separates": True,
        },
        {
            "label": "version",
            "value": "2",
            "same": [],
            "suspects": 2,
            "series": 20,
            "p": 0.5,
            "q": 0.5,
            "separates": False,
        },
    ],
}


def test_what_separates_the_suspects_is_counted_and_what_does_not_is_denied():
    contrast = Contrast(FOUND, "Suspects of level")
    assert contrast
    assert contrast.separates == [{"zone": "b"}]
    data = contrast._repr_mimebundle_()[MIME]
    assert (data["tone"], data["headline"]) == ("bad", FOUND["sentence"])
    first, second = data["rows"]
    assert first["value"] == 'zone="b"'
    assert (first["suspects"], first["series"]) == ("3 of 3", "5 of 40")
    assert (first["finding"], second["finding"]) == ("separates", "")
    assert first["same"] == 'rack="r1"'
    assert data["notes"] == FOUND["others"]
    assert contrast.to_dict() is FOUND


def test_without_a_pattern_the_cell_does_not_look_like_a_finding():
    nothing = {**FOUND, "values": FOUND["values"][1:], "sentence": "No label value separates them."}
    contrast = Contrast(nothing, hint="Take more.")
    assert not contrast
    assert contrast.separates == []
    data = contrast._repr_mimebundle_()[MIME]
    assert "tone" not in data
    assert data["notes"][-1] == "Take more."
    assert "same series" not in repr(contrast)
