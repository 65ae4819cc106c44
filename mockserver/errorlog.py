"""What goes wrong in the server itself, in the form that its access log has."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

import orjson

from mockserver.clock import rfc3339


class JsonFormatter(logging.Formatter):
    """A record as a line of JSON, with its traceback where it has one."""

    def format(self, record: logging.LogRecord) -> str:
        """See logging."""
        told = {
            "event": "log",
            "time": rfc3339(record.created),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        if record.exc_info:
            told["exception"] = self.formatException(record.exc_info)
        return orjson.dumps(told).decode()


CONFIG: Mapping[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": JsonFormatter}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}
"""For `logging.config.dictConfig`: every warning and error as JSON on standard error."""
