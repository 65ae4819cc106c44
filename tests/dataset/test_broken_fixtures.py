"""A broken fixture stops the start with file, line and reason."""

import shutil
from pathlib import Path

import pytest

from mockserver.dataset import Dataset, FixtureError
from tests.dataset.data import FIXTURES

MYWEBSITE = "sites/mywebsite.com"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copytree(FIXTURES / "zenovay", tmp_path / "zenovay")
    return tmp_path / "zenovay"


def line_of(file: Path, text: str) -> int:
    return next(number for number, line in enumerate(file.read_text().splitlines(), 1) if text in line)


# file, what stands there, what is put in its place, a text of the line in which the error is told, the reason
BROKEN = {
    "no YAML": ("keys.yaml", "keys:\n", "keys: [\n", "- key: zv_demo_free", "not YAML"),
    "a member that nobody knows": (
        "keys.yaml",
        "plan: free",
        "plan: free\n    colour: red",
        "colour",
        "unknown member",
    ),
    "a member of a wrong type": (
        "keys.yaml",
        "used_this_month: 212",
        "used_this_month: many",
        "many",
        "a whole number",
    ),
    "a flag that is none": ("keys.yaml", "revoked: true", "revoked: often", "often", "must be true or false"),
    "a missing member": ("keys.yaml", "    name: Free Key\n", "", "- key: zv_demo_free", "'name' is missing"),
    "a doubled key": ("keys.yaml", "zv_demo_noperm", "zv_demo_pro  # again", "# again", "duplicate key"),
    "a doubled member": ("keys.yaml", "plan: free", "plan: free\n    plan: pro", "plan: pro", "duplicate member"),
    "a doubled id": (
        "keys.yaml",
        "ak_1a2b3c4d-5e6f-4071-8293-a4b5c6d7e8f9",
        "ak_0f1e2d3c-4b5a-4968-8778-695a4b3c2d1e  # again",
        "# again",
        "duplicate id",
    ),
    "a key for a site that is none": (
        "keys.yaml",
        "sees: [a1b2c3d4-e5f6-7890-abcd-ef1234567890]",
        "sees: [nowhere]",
        "sees: [nowhere]",
        "no site has the id",
    ),
    "a scope that the key does not see": (
        "keys.yaml",
        "scoped_to: a1b2c3d4",
        "scoped_to: b2c3d4e5",
        "scoped_to: b2c3d4e5",
        "must see that site and no other",
    ),
    "a month that exceeds all time": (
        "keys.yaml",
        "used_total: 1904",
        "used_total: 4",
        "used_total: 4",
        "used_this_month <= used_total",
    ),
    "two sites with one id": (
        "sites.yaml",
        "id: b2c3d4e5-f6a7-8901-bcde-f12345678901",
        "id: a1b2c3d4-e5f6-7890-abcd-ef1234567890  # again",
        "# again",
        "duplicate id",
    ),
    "two sites with one tracking code": (
        "sites.yaml",
        "ZV_def456uvw",
        "ZV_abc123xyz  # again",
        "# again",
        "tracking_code",
    ),
    "hours that are none": ("sites.yaml", "05:30-21:00", "5-21", "active_hours: 5-21", "time of day"),
    "hours that end before they begin": (
        "sites.yaml",
        "05:30-21:00",
        "21:00-05:30",
        "active_hours: 21",
        "end after its start",
    ),
    "a created date that is none": (
        "sites.yaml",
        "created_at: 2026-01-05T08:00:00.000Z",
        "created_at: soon",
        "soon",
        "an instant",
    ),
    "a created date that no calendar has": (
        "sites.yaml",
        "created_at: 2026-01-05T08:00:00.000Z",
        "created_at: 2026-02-30T08:00:00Z",
        "02-30",
        "'created_at'",
    ),
    "a site without its folder": ("sites.yaml", "folder: acme-store.io", "folder: lost", None, "missing"),
    "a number that is none": (
        f"{MYWEBSITE}/traffic.csv",
        "921,612",
        "921,many",
        "many",
        "'unique_visitors' must be a whole number",
    ),
    "a negative number": (f"{MYWEBSITE}/traffic.csv", "921,612", "921,-3", "-3", "0 or more"),
    "a date that is none": (
        f"{MYWEBSITE}/traffic.csv",
        "2026-01-12",
        "2026-01-99",
        "2026-01-99",
        "'date' must be a date",
    ),
    "a gap between the dates": (
        f"{MYWEBSITE}/traffic.csv",
        "2026-01-12",
        "2026-01-13",
        "2026-01-13",
        "expected the date 2026-01-12",
    ),
    "more unique visitors than visitors": (
        f"{MYWEBSITE}/traffic.csv",
        "921,612",
        "921,922",
        "921,922",
        "unique_visitors <= visitors",
    ),
    "page views of nobody": (
        f"{MYWEBSITE}/traffic.csv",
        "921,612,3102,378",
        "0,0,3102,0",
        "0,0,3102,0",
        "0 without visitors",
    ),
    "a missing cell": (f"{MYWEBSITE}/traffic.csv", "921,612,3102", "921,612", "921,612", "cells"),
    "an unknown column": (f"{MYWEBSITE}/traffic.csv", "bounces", "bouncy", "bouncy", "column 'bounces' is missing"),
    "counts above the total": (f"{MYWEBSITE}/countries.csv", "US,4521", "US,4522", "NG,", "expected 28450 visitors"),
    "counts below the total": (f"{MYWEBSITE}/countries.csv", "US,4521", "US,4520", "NG,", "found 28449"),
    "a country that stands twice": (f"{MYWEBSITE}/countries.csv", "GB,", "US,", "US,1823", "duplicate value"),
    "a country code that is none": (f"{MYWEBSITE}/countries.csv", "GB,", "gb,", "gb,", "alpha-2"),
    "a score above 100": (f"{MYWEBSITE}/countries.csv", "52.34", "152.34", "152.34", "from 0 to 100"),
    "a device that is none": (
        f"{MYWEBSITE}/technology.csv",
        "tablet,Safari",
        "toaster,Safari",
        "toaster",
        "one of desktop",
    ),
    "a visit from a country without visitors": (
        f"{MYWEBSITE}/visits.yaml",
        "country_code: GB",
        "country_code: LI",
        "LI",
        "countries.csv",
    ),
    "a visit that lands on no page": (
        f"{MYWEBSITE}/visits.yaml",
        "landing_page: /pricing",
        "landing_page: /x",
        "/x",
        "pages.csv",
    ),
    "a visit outside the recording": (
        f"{MYWEBSITE}/visits.yaml",
        "2026-02-07T09:15",
        "2026-03-07T09:15",
        "2026-03-07",
        "on a date of traffic.csv",
    ),
    "a visit with an instant that is none": (
        f"{MYWEBSITE}/visits.yaml",
        "2026-02-07T09:15:00.000Z",
        "noon",
        "noon",
        "instant",
    ),
    "a record that stands twice": (
        f"{MYWEBSITE}/records/error_groups.yaml",
        "eg_2b3c4d5e-f6a7-8901-bcde-f12345678901",
        "eg_1a2b3c4d-e5f6-7890-abcd-ef1234567890  # again",
        "# again",
        "duplicate id",
    ),
    "a list under a wrong name": (
        f"{MYWEBSITE}/records/error_groups.yaml",
        "error_groups:",
        "errors:",
        "errors:",
        "'error_groups' is missing",
    ),
    "a place with two names": ("places.csv", "DE,Germany,Köln", "DE,Allemagne,Köln", "Allemagne", "earlier line"),
}


@pytest.mark.parametrize(("name", "old", "new", "place", "reason"), BROKEN.values(), ids=BROKEN)
def test_a_broken_fixture_is_refused_with_file_line_and_reason(
    folder: Path, name: str, old: str, new: str, place: str | None, reason: str
) -> None:
    file = folder / name
    text = file.read_text(encoding="utf-8")
    assert old in text, "the test no longer breaks anything"
    file.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(FixtureError) as caught:
        Dataset.load(folder, edition="2026-02")
    error = caught.value
    assert reason in error.reason
    if place is None:
        assert error.line == 0
        return
    assert error.file == file
    assert error.line == line_of(file, place)
    assert str(error).startswith(f"{file}:{error.line}: ")


@pytest.mark.parametrize(
    "name",
    [
        "sites.yaml",
        "keys.yaml",
        *(f"{MYWEBSITE}/{name}.csv" for name in ("traffic", "pages", "countries", "technology")),
    ],
)
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(FixtureError, match="missing") as caught:
        Dataset.load(folder, edition="2026-02")
    assert caught.value.file == folder / name


@pytest.mark.parametrize("name", ["sites.yaml", f"{MYWEBSITE}/traffic.csv"])
def test_a_file_that_is_not_utf_8_is_named(folder: Path, name: str) -> None:
    (folder / name).write_bytes(b"a: \xff\xfe\n")
    with pytest.raises(FixtureError, match="UTF-8") as caught:
        Dataset.load(folder, edition="2026-02")
    assert caught.value.file == folder / name


@pytest.mark.parametrize("content", ["", "- a\n- b\n", "just text\n"])
def test_a_file_that_holds_no_mapping_is_refused(folder: Path, content: str) -> None:
    (folder / "keys.yaml").write_text(content)
    with pytest.raises(FixtureError, match="the top level must be a mapping"):
        Dataset.load(folder, edition="2026-02")


def test_a_recording_without_a_whole_week_is_refused(folder: Path) -> None:
    file = folder / MYWEBSITE / "traffic.csv"
    file.write_text("\n".join(file.read_text().splitlines()[:6]) + "\n")
    (folder / MYWEBSITE / "visits.yaml").unlink()
    with pytest.raises(FixtureError, match="one whole week"):
        Dataset.load(folder, edition="2026-02")


CONTRACT = {
    "components": {
        "schemas": {
            "Website": {"type": "object", "properties": {"id": {"type": "string", "format": "uuid"}}},
            "HeatmapPage": {
                "type": "object",
                "properties": {"total_interactions": {"$ref": "#/components/schemas/Count"}},
            },
            "Session": {"type": "object", "properties": {"id": {"pattern": "^sr_"}}},
            "ErrorGroup": {"type": "object", "properties": {"status": {"enum": ["unresolved", "resolved", "ignored"]}}},
            "Count": {"type": "integer", "minimum": 0},
        }
    }
}


def test_the_fixtures_keep_a_contract_that_they_keep(folder: Path) -> None:
    Dataset.load(folder, edition="2025-01").check_against(CONTRACT)


@pytest.mark.parametrize(
    ("name", "old", "new", "reason"),
    [
        ("sites.yaml", "id: c3d4e5f6-a7b8", "id: c3d4e5f6_a7b8", "'id'"),
        (f"{MYWEBSITE}/records/heatmap_pages.yaml", "8765", "-1", "'total_interactions'"),
        (f"{MYWEBSITE}/records/error_groups.yaml", "status: resolved", "status: gone", "'status'"),
        (f"{MYWEBSITE}/records/replay_sessions.yaml", "id: sr_2b3c", "id: xx_2b3c", "'id'"),
    ],
)
def test_a_record_that_breaks_the_contract_is_refused_with_file_line_and_reason(
    folder: Path, name: str, old: str, new: str, reason: str
) -> None:
    file = folder / name
    file.write_text(file.read_text().replace(old, new, 1))
    keys = folder / "keys.yaml"
    keys.write_text(keys.read_text().replace(old.removeprefix("id: "), new.removeprefix("id: ")))
    dataset = Dataset.load(folder, edition="2026-02")
    with pytest.raises(FixtureError, match=reason) as caught:
        dataset.check_against(CONTRACT)
    assert (caught.value.file, caught.value.line) == (file, line_of(file, new))


def test_a_contract_without_a_schema_for_a_record_is_told() -> None:
    with pytest.raises(FixtureError, match="no schema"):
        Dataset.load(FIXTURES / "zenovay", edition="2026-02").check_against({"components": {"schemas": {}}})
