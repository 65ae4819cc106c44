"""Errors with another status, code or shape."""

from __future__ import annotations

from tests.mutants.defects.catalogue import AP, Z25, Z26, mutant
from tests.mutants.edits import answer, error

E = "errors"
mutant(
    Z26,
    E,
    "code-lower-case",
    "Codes of 2026 are upper case.",
    after=lambda c: (
        c.data["error"].update(code=c.data["error"]["code"].lower())
        if c.status >= 400 and isinstance(c.data, dict) and "error" in c.data
        else None
    ),
)
mutant(
    Z26,
    E,
    "404-as-200",
    "An unknown website is answered 404.",
    after=lambda c: setattr(c, "status", 200) if c.status == 404 else None,
)
mutant(
    Z26,
    E,
    "404-as-400",
    "An unknown website is answered 404.",
    after=lambda c: setattr(c, "status", 400) if c.status == 404 and c.operation == "getWebsite" else None,
)
mutant(
    Z26, E, "404-without-code", "An error has a code.", after=error(404, lambda c: c.data["error"].pop("code", None))
)
mutant(
    Z26,
    E,
    "401-plain-text",
    "Errors are JSON.",
    after=lambda c: (
        (setattr(c, "raw", b"Unauthorized"), c.out.update({"content-type": "text/plain"})) if c.status == 401 else None
    ),
)
mutant(
    Z26,
    E,
    "401-as-403",
    "A missing key is answered 401.",
    after=lambda c: setattr(c, "status", 403) if c.status == 401 else None,
)
mutant(
    Z26, E, "error-as-text", "error is an object.", after=error(404, lambda c: c.data.update(error="Website not found"))
)
mutant(
    Z26,
    E,
    "success-true-on-error",
    "An error says success: false.",
    after=lambda c: c.data.update(success=True) if c.status >= 400 and isinstance(c.data, dict) else None,
)
mutant(
    Z26,
    E,
    "400-code",
    "Bad parameters say VALIDATION_ERROR.",
    after=error(400, lambda c: c.data["error"].update(code="BAD_REQUEST")),
)
mutant(
    Z26,
    E,
    "500-on-unknown",
    "An unknown website is no server error.",
    after=answer(
        500,
        {"success": False, "error": {"message": "x", "code": "GENERIC_ERROR", "timestamp": "2026-02-07T12:00:00.000Z"}},
        when=lambda c: c.status == 404 and c.operation == "listHeatmapPages",
    ),
)
mutant(
    Z26,
    E,
    "500-on-long-text",
    "Odd input is no server error.",
    after=lambda c: setattr(c, "status", 500) if any(len(t) > 1000 for _, t in c.query) else None,
)
mutant(
    Z26,
    E,
    "500-on-non-ascii",
    "Odd input is no server error.",
    after=lambda c: setattr(c, "status", 500) if any(not t.isascii() for _, t in c.query) else None,
)
mutant(
    Z26,
    E,
    "every-seventh-500",
    "A good request is answered.",
    after=lambda c: (
        c.state.update(n=c.state.get("n", 0) + 1),
        setattr(c, "status", 500) if c.state["n"] % 7 == 0 else None,
    ),
)
mutant(
    Z26,
    E,
    "unknown-path-200",
    "Unknown paths are answered 404.",
    after=lambda c: (
        (
            setattr(c, "status", 200),
            setattr(c, "data", {"success": True, "data": {}, "timestamp": "2026-02-07T12:00:00.000Z"}),
        )
        if not c.operation and c.status == 404
        else None
    ),
)
mutant(
    Z26,
    E,
    "405-as-404",
    "A wrong method is answered 405.",
    after=lambda c: setattr(c, "status", 404) if c.status == 405 else None,
)
mutant(
    Z26,
    E,
    "details-name-another",
    "Details name the wrong parameter.",
    after=error(400, lambda c: c.data["error"].get("details", {}).update(parameter="start_date")),
)
mutant(
    Z25,
    E,
    "code-upper-case",
    "Codes of 2025 are lower case.",
    after=lambda c: (
        c.data["error"].update(code=c.data["error"]["code"].upper())
        if c.status >= 400 and isinstance(c.data, dict)
        else None
    ),
)
mutant(
    Z25,
    E,
    "401-says-unauthorized",
    "A bad key says invalid_api_key.",
    after=error(401, lambda c: c.data["error"].update(code="unauthorized")),
)
mutant(
    Z25,
    E,
    "400-without-details",
    "A 400 says which parameter was wrong.",
    after=error(400, lambda c: c.data["error"].update(details="bad")),
)
mutant(
    Z25,
    E,
    "404-bare-message",
    "An error stands in `error`.",
    after=error(404, lambda c: setattr(c, "data", {"message": "not found"})),
)
mutant(
    AP,
    E,
    "error-object",
    "error is a text.",
    after=lambda c: (
        c.data.update(error={"message": c.data["error"]}) if c.status >= 400 and isinstance(c.data, dict) else None
    ),
)
mutant(
    AP,
    E,
    "unknown-site-404",
    "An unknown site is answered 403.",
    after=lambda c: setattr(c, "status", 404) if c.status == 403 else None,
)
mutant(
    AP, E, "401-empty", "A 401 has an error body.", after=lambda c: setattr(c, "data", {}) if c.status == 401 else None
)
mutant(
    AP,
    E,
    "500-on-strange-path",
    "Odd input is no server error.",
    after=lambda c: (
        setattr(c, "status", 500) if c.given("pathname") and len(c.given("pathname") or "") > 1000 else None
    ),
)
mutant(
    AP,
    E,
    "closes-connection",
    "Every request is answered.",
    after=lambda c: setattr(c, "fails", True) if c.operation == "listSiteEvents" else None,
)
