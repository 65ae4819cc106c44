"""Progress: a bar on a terminal, lines in a log, nothing when quiet."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from contract_tests.model.events import Event
from contract_tests.report.progress import RunProgress


class Watch:
    """Time that passes when told to."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def watch() -> Watch:
    return Watch()


def console(terminal: bool) -> Console:
    return Console(file=io.StringIO(), force_terminal=terminal, width=120, color_system=None)


def written(target: Console) -> str:
    assert isinstance(target.file, io.StringIO)
    return target.file.getvalue()


def test_a_log_gets_a_line_now_and_then_and_no_control_characters(watch: Watch) -> None:
    log = console(terminal=False)
    with RunProgress(log, live=False, now=watch) as progress:
        progress.listen(Event("planned", 0, 60, seconds_left=240))
        for number in range(1, 31):
            watch.seconds += 2
            progress.listen(Event("sent", number, 60, number // 10, 240 - 4 * number, "something"))
    lines = written(log).splitlines()
    assert lines[0] == "8/60 requests · 0 findings · about 4 min left · something"
    assert lines[1] == "16/60 requests · 1 finding · about 3 min left · something"
    assert len(lines) == 3
    assert "\x1b" not in written(log)
    assert "\r" not in written(log)


def test_a_log_mentions_waiting_sooner(watch: Watch) -> None:
    log = console(terminal=False)
    with RunProgress(log, live=False, now=watch) as progress:
        watch.seconds += 6
        progress.listen(Event("sent", 1, 60))
        progress.listen(Event("waiting", 1, 60, 0, 90, "32 s, until the limit is fresh"))
        progress.listen(Event("waiting", 1, 60, 0, 90, "again"))
    assert written(log).splitlines() == [
        "1/60 requests · 0 findings · about 2 min left · 32 s, until the limit is fresh"
    ]


def test_quiet_says_nothing(watch: Watch) -> None:
    for terminal in (True, False):
        log = console(terminal)
        with RunProgress(log, live=terminal, quiet=True, now=watch) as progress:
            watch.seconds += 100
            progress.listen(Event("waiting", 1, 60))
        assert written(log) == ""


def test_a_terminal_gets_a_bar_with_requests_findings_and_minutes(watch: Watch) -> None:
    screen = console(terminal=True)
    with RunProgress(screen, live=True, now=watch) as progress:
        progress.listen(Event("sent", 3, 60, 1, 200, "[red]a list[/red] \x1b[2J"))
    text = written(screen)
    assert "3/60 requests · 1 finding · about 4 min left" in text
    assert "[red]a list[/red]" in text
    assert "\x1b[2J" not in text


def test_without_an_estimate_what_is_left_follows_the_pace_so_far(watch: Watch) -> None:
    with RunProgress(console(terminal=False), live=False, quiet=True, now=watch) as progress:
        progress.listen(Event("planned", 0, 100))
        assert progress.minutes_left == 0
        watch.seconds += 60
        progress.listen(Event("sent", 20, 100))
        assert progress.minutes_left == 4


def test_more_requests_than_planned_are_no_trouble(watch: Watch) -> None:
    screen = console(terminal=True)
    with RunProgress(screen, live=True, now=watch) as progress:
        progress.listen(Event("sent", 7, 5))
    assert "7/7 requests" in written(screen)
