"""Tracked events: from the bodies of both editions to events of the dataset."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from urllib.parse import unquote, urlsplit

from mockserver.apis.call import Call, Refusal
from mockserver.dataset.audience import DEVICES
from mockserver.dataset.site import Site
from mockserver.dataset.tracked import Event
from mockserver.dataset.visits import identifier

_LONGEST = 512  # maximum characters of a client's text
_BROWSERS = (
    ("Edge", re.compile(r"\bEdg")),
    ("Opera", re.compile(r"\bOPR/|\bOpera\b")),
    ("Samsung Internet", re.compile(r"\bSamsungBrowser/")),
    ("Firefox", re.compile(r"\b(Firefox|FxiOS)/")),
    ("Chrome", re.compile(r"\b(Chrome|CriOS)/")),
    ("Safari", re.compile(r"\bSafari/")),
)
_SYSTEMS = (
    ("iOS", re.compile(r"\b(iPhone|iPad|iPod)\b")),
    ("Android", re.compile(r"\bAndroid\b")),
    ("Windows", re.compile(r"\bWindows\b")),
    ("ChromeOS", re.compile(r"\bCrOS\b")),
    ("macOS", re.compile(r"\bMac OS X\b|\bMacintosh\b")),
    ("Linux", re.compile(r"\bLinux\b|\bX11\b")),
)


def read_event(call: Call, session: str, technology: tuple[str, str, str]) -> Event:
    """Return the event of a tracking body. The country is the site's first one: addresses are not located."""
    site: Site = call.resource
    body: Mapping[str, Any] = call.body
    country, city = _home(site)
    device, browser, system = technology
    return Event(
        site=site.id,
        session=session,
        kind="event" if body.get("type") == "event" else "pageview",
        path=read_path(str(body["url"])),
        referrer=_short(body.get("referrer")),
        device=device.lower() if device.lower() in DEVICES else DEVICES[0],
        browser=_short(browser) or "Other",
        os=_short(system) or "Other",
        country=country,
        city=city,
        score=50,
        name=_short(body.get("name")),
    )


@lru_cache(maxsize=64)
def _home(site: Site) -> tuple[str, str]:
    country = site.shares["countries"].values[0] if "countries" in site.shares else "US"
    return country, site.city(country, 0)


@lru_cache(maxsize=1_024)
def read_path(url: str) -> str:
    """Return the decoded path of a URL."""
    try:
        path = urlsplit(url.strip()).path
    except ValueError:  # such as an incomplete IPv6 host
        path = ""
    return ("/" + unquote(path).lstrip("/"))[:_LONGEST]


def find_site(call: Call) -> Site:
    """Return the site with the tracking code of the body.

    Raises:
        Refusal: There is none.
    """
    site: Site | None = call.dataset.resources["tracking-code"].get(call.body["tracking_code"])
    if site is None or not site.exists(call.now):
        raise Refusal("not-found", resource="Website")
    return site


def read_session(call: Call, given: object) -> str:
    """Return the session of a body; without one, IP address and User-Agent identify the visitor."""
    if isinstance(given, str) and given:
        return given[:_LONGEST]
    return identifier(call.client, call.user_agent)


def detect_technology(user_agent: str) -> tuple[str, str, str]:
    """Return device type, browser and operating system by User-Agent."""
    browser = next((name for name, pattern in _BROWSERS if pattern.search(user_agent)), "Other")
    system = next((name for name, pattern in _SYSTEMS if pattern.search(user_agent)), "Other")
    if re.search(r"\biPad\b|\bTablet\b", user_agent) or (system == "Android" and "Mobile" not in user_agent):
        return "tablet", browser, system
    return ("mobile" if system in ("iOS", "Android") else "desktop"), browser, system


def _short(value: object) -> str | None:
    return value[:_LONGEST] if isinstance(value, str) and value else None
