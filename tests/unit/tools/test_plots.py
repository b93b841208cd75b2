"""Plots: every value inside the frame, whatever the values are, and names that cannot break the page."""

import math
import xml.etree.ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluemarble.tools import plots
from bluemarble.tools.plots import HEIGHT, WIDTH, axis, lines, page, shown, table

NUMBERS = st.floats(-1e9, 1e12)
SERIES = st.dictionaries(
    st.text("ab<&'\"", max_size=5), st.lists(st.tuples(NUMBERS, NUMBERS), max_size=8), max_size=9
)


@settings(max_examples=60)
@given(SERIES, st.booleans())
def test_inside(series, log_x):
    """Points and labels are within the picture, which is well-formed."""
    for points in series.values():
        points.sort()
    html = lines(series, "s", "ms", log_x=log_x)
    svg = ET.fromstring(html[: html.index("</svg>") + len("</svg>")])
    for each in svg.iter():
        for name, size in (("x", WIDTH), ("x1", WIDTH), ("cx", WIDTH), ("y", HEIGHT), ("cy", HEIGHT)):
            if name in each.attrib:
                assert -0.1 <= float(each.attrib[name]) <= size + 0.1
    assert len([each for each in svg.iter() if each.tag == "text"]) < 60


def test_ticks():
    """Round numbers, from nothing to the most."""
    assert axis([3.0, 87.0]).ticks() == [0.0, 20.0, 40.0, 60.0, 80.0]
    assert axis([]).ticks() and axis([0.0]).ticks() and axis([math.inf, 1.0]).ticks()[-1] == 1.0
    assert axis([0.5, 2000.0], log=True).ticks() == [1.0, 10.0, 100.0, 1000.0]
    assert len(axis([5.0], log=True).ticks()) >= 1


@pytest.mark.parametrize(
    ("value", "text"), [(0.0, "0"), (12.345, "12.3"), (12345.6, "12,346"), (math.inf, "more")]
)
def test_shown(value, text):
    assert shown(value) == text


def test_names_are_no_html():
    wild = "<script>&\"'"
    made = page(wild, [(wild, lines({wild: [(1.0, 2.0)]}, wild, wild) + table((wild,), [(wild,)]))])
    assert "<script" not in made and made.startswith("<!doctype html>")
    assert plots.STYLE in made


def test_many_points_have_no_dots():
    assert "<circle" not in lines({"a": [(float(x), 1.0) for x in range(1000)]}, "s", "ms")
