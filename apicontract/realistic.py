"""Realistic values by the name of a member: people, places, texts, amounts. From Faker, seeded by the caller."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from random import Random
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from faker import Faker

JSON = Any
_START = datetime(2026, 1, 1, tzinfo=UTC)
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_PEOPLE = frozenset(("user", "person", "people", "author", "customer", "owner", "contact", "employee", "member"))
_PEOPLE |= {"patient", "account", "holder", "assignee", "sender", "recipient", "student", "teacher", "driver"}
_PEOPLE |= {"artist", "guest", "profile", "creator", "passenger", "player"}
_COMPANIES = frozenset(("company", "organization", "organisation", "org", "vendor", "brand", "supplier", "employer"))
_PETS = frozenset(("pet", "dog", "cat", "animal", "horse"))


@cache
def load_faker() -> Faker:
    """Import Faker, which takes a third of a second: at the start of a server, not with its first answer."""
    from faker import Faker

    return Faker("en_US")


class Realistic:
    """A seeded source of realistic values."""

    def __init__(self, seed: str) -> None:
        self._seed, self._is_seeded = seed, False
        self.random = Random(seed)

    @property
    def fake(self) -> Faker:
        """Faker with the seed of this source. One instance serves all sources, one after the other."""
        fake = load_faker()
        if not self._is_seeded:
            fake.seed_instance(self._seed)
            self._is_seeded = True
        return fake

    def instant(self) -> datetime:
        """Return an instant in 2026."""
        return _START + timedelta(seconds=self.random.randint(0, 31_000_000))

    def words(self, count: int) -> str:
        """Return some lower-case words."""
        return " ".join(self.fake.words(count))

    def text(self, name: str, parent: str) -> str:
        """Return a text for a member by its name and by that of the object that it belongs to."""
        words = split_words(name)
        for size in (3, 2, 1):
            made = _TEXTS.get(" ".join(words[-size:])) if len(words) >= size else None
            if made is not None:
                return made(self)
        if words[-1:] == ["name"]:
            return self._name({*words[:-1], *split_words(parent)})
        if words[-1:] in (["at"], ["on"]) or (words and words[-1] in ("date", "timestamp", "datetime")):
            return self.instant().strftime("%Y-%m-%dT%H:%M:%SZ")
        if len(words) > 1 and words[-1] in ("id", "ids", "uuid", "guid"):
            return self.fake.uuid4()
        return self.words(1 if words else 2)

    def number(self, name: str, *, whole: bool) -> float | int | None:
        """Return a number for a member by its name, or None if the name tells nothing."""
        words, random = split_words(name), self.random
        last = words[-1] if words else ""
        if last in ("at", "timestamp", "epoch", "created", "updated") and whole:
            return int(self.instant().timestamp())
        low, high = _NUMBERS.get(" ".join(words[-2:])) or _NUMBERS.get(last) or (None, None)
        if low is None or high is None:
            return None
        return random.randint(low, high) if whole else round(random.uniform(low, high), 2)

    def _name(self, about: set[str]) -> str:
        if about & _PEOPLE:
            return self.fake.name()
        if about & _COMPANIES:
            return self.fake.company()
        return self.fake.first_name() if about & _PETS else self.words(2).title()


def split_words(name: str) -> list[str]:
    """Return the lower-case words of `created_at`, `createdAt` or `Created-At`, the last one in the singular."""
    words = [word.lower() for word in _WORD.findall(name)]
    if words and len(words[-1]) > 3 and words[-1].endswith("s") and not words[-1].endswith(("ss", "us", "is")):
        words[-1] = words[-1][:-1]
    return words


def _texts() -> dict[str, Callable[[Realistic], str]]:
    """Return the makers of texts by the last words of a member's name."""
    makers: list[tuple[str, Callable[[Realistic], str]]] = [
        ("email, e mail, mail, email address", lambda it: it.fake.email()),
        ("first name, firstname, given name, nickname", lambda it: it.fake.first_name()),
        ("last name, lastname, surname, family name", lambda it: it.fake.last_name()),
        ("full name, fullname, display name, author, owner", lambda it: it.fake.name()),
        ("username, user name, login, handle, screen name", lambda it: it.fake.user_name()),
        ("company, organization, organisation, employer, company name", lambda it: it.fake.company()),
        ("phone, mobile, tel, fax, telephone, phone number", lambda it: it.fake.numerify("+1-202-555-01##")),
        ("street, street address, address, address line", lambda it: it.fake.street_address()),
        ("city, town", lambda it: it.fake.city()),
        ("state, province, region", lambda it: it.fake.state()),
        ("zip, postcode, zip code, postal code, zipcode", lambda it: it.fake.postcode()),
        ("country", lambda it: it.fake.country()),
        ("country code", lambda it: it.fake.country_code()),
        ("currency, currency code", lambda it: it.random.choice(("EUR", "USD", "GBP"))),
        ("language, lang, locale", lambda it: it.random.choice(("en", "de", "fr"))),
        ("timezone, time zone", lambda it: it.random.choice(("Europe/Berlin", "America/New_York", "Asia/Tokyo"))),
        ("url, uri, link, href, website, homepage", lambda it: f"https://example.com/{it.fake.slug()}"),
        ("avatar, image, photo, picture, logo, thumbnail, image url, avatar url, photo url",
         lambda it: f"https://example.com/images/{it.fake.slug()}.png"),
        ("title, subject, headline, summary", lambda it: it.fake.sentence(4).rstrip(".")),
        ("description, bio, about, comment, message, note, body, content, text", lambda it: it.fake.sentence(8)),
        ("slug", lambda it: it.fake.slug()),
        ("color, colour", lambda it: it.fake.safe_color_name()),
        ("job, occupation, position, job title, role", lambda it: it.fake.job()),
        ("host, hostname, domain, domain name", lambda it: f"{it.fake.word()}.example.com"),
        ("ip, ip address", lambda it: f"192.0.2.{it.random.randint(1, 254)}"),
        ("user agent", lambda it: it.fake.user_agent()),
        ("version", lambda it: ".".join(str(it.random.randint(0, 9)) for _ in range(3))),
        ("sha, hash, checksum, digest", lambda it: f"{it.random.getrandbits(160):040x}"),
        ("token, secret, api key, password", lambda it: f"{it.random.getrandbits(96):024x}"),
        ("isbn", lambda it: it.fake.isbn13()),
        ("iban", lambda it: it.fake.iban()),
        ("sku", lambda it: it.fake.bothify("???-####").upper()),
        ("file, filename, file name", lambda it: it.fake.file_name()),
        ("path", lambda it: it.fake.file_path()),
        ("mime type, content type, media type", lambda it: it.fake.mime_type()),
        ("status", lambda it: it.random.choice(("active", "pending", "completed"))),
        ("gender", lambda it: it.random.choice(("female", "male", "other"))),
        ("id, uuid, guid, request id, trace id", lambda it: it.fake.uuid4()),
        ("price, amount, cost, balance", lambda it: f"{it.random.randint(100, 50_000) / 100:.2f}"),
    ]  # fmt: skip
    return {name: make for names, make in makers for name in names.split(", ")}


_TEXTS = _texts()
_NUMBERS: dict[str, tuple[int, int]] = {
    **dict.fromkeys(("id", "number", "order"), (1, 99_999)),
    **dict.fromkeys(("quantity", "count", "stock", "item"), (1, 100)),
    **dict.fromkeys(("price", "amount", "cost", "total", "balance", "subtotal", "fee"), (5, 500)),
    **dict.fromkeys(("page", "offset", "position", "index"), (1, 10)),
    **dict.fromkeys(("limit", "per page", "page size", "size"), (10, 100)),
    **dict.fromkeys(("width", "height"), (100, 2_000)),
    **dict.fromkeys(("latitude", "lat"), (-60, 70)),
    **dict.fromkeys(("longitude", "lng", "lon", "long"), (-150, 150)),
    **dict.fromkeys(("percent", "percentage"), (0, 100)),
    **dict.fromkeys(("rating", "star", "score"), (1, 5)),
    "age": (18, 90),
    "year": (1990, 2026),
    "month": (1, 12),
    "day": (1, 28),
    "hour": (0, 23),
    "minute": (0, 59),
    "port": (1024, 65_535),
    "duration": (1, 3_600),
    "weight": (1, 100),
}
