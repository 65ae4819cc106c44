"""What goes wrong in the server itself, in the form that its access log has; secrets are masked."""

from __future__ import annotations

import logging
from typing import Any

import orjson

from apicontract.safetext.invisible import json_escaped, visible
from mockserver.clock import rfc3339
from mockserver.journal.redaction import Redaction


class TextFormatter(logging.Formatter):
    """A record as its level and message, with its traceback where it has one."""

    def __init__(self, redaction: Redaction) -> None:
        super().__init__()
        self._redaction = redaction

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as text; a record about a request brings the redaction that knows its credentials."""
        redaction = getattr(record, "redaction", self._redaction)
        return f"{record.levelname + ':':<9} {visible(redaction.text(super().format(record)))}"


class JsonFormatter(logging.Formatter):
    """A record as a line of JSON, with its traceback where it has one."""

    def __init__(self, redaction: Redaction) -> None:
        super().__init__()
        self._redaction = redaction

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as JSON; a record about a request brings the redaction that knows its credentials."""
        redaction = getattr(record, "redaction", self._redaction)
        told = {
            "event": "log",
            "time": rfc3339(record.created),
            "level": record.levelname.lower(),
            "message": redaction.text(record.getMessage()),
        }
        if record.exc_info:
            told["exception"] = redaction.text(self.formatException(record.exc_info))
        return json_escaped(orjson.dumps(told).decode())


def log_config(form: str, redaction: Redaction) -> dict[str, Any]:
    """Return a configuration for `logging.config.dictConfig`: every warning and error goes to standard error."""
    formatter = JsonFormatter if form == "json" else TextFormatter
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"own": {"()": formatter, "redaction": redaction}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "own"}},
        "root": {"handlers": ["stderr"], "level": "WARNING"},
    }
