"""Faults that answer an error of the contract."""

from __future__ import annotations

from mockserver.faults import fault as words
from mockserver.faults.fault import Fault
from mockserver.pipeline.api import Endpoint
from mockserver.pipeline.chosen import ChosenError, declared_error


def find_error(fault: Fault, endpoint: Endpoint) -> ChosenError | None:
    """Return the documented error that a fault answers at an endpoint, or None if the endpoint documents none."""
    status = 429 if fault.word in (words.NO_RETRY_AFTER, words.SKEWED_RETRY_AFTER) else fault.status
    found = declared_error(endpoint, status, fault.error)
    return None if found is None else ChosenError(found, fault.retry_after)


def is_applicable(fault: Fault, endpoint: Endpoint) -> bool:
    """Whether a fault can apply to an endpoint: an error must be documented there."""
    if fault.word in (words.ERROR, words.NO_RETRY_AFTER, words.SKEWED_RETRY_AFTER):
        return find_error(fault, endpoint) is not None
    return True
