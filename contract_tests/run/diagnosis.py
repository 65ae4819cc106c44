"""What the first requests of a run find out before anything is judged: is this the API, and is the key accepted?

The first request of the plan suffices where it is answered as it should be. Else the next ones of the plan are sent,
and a few beside it, until one sentence says what is wrong, or an answer shows that the API is there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from apicontract import Contract, bundled
from apicontract.errors import QUOTA_EXCEEDED
from apicontract.safetext.invisible import one_line
from contract_tests.checks.responses import judge_view
from contract_tests.client.pacing import GiveUpError
from contract_tests.model.exchange import Exchange, Request
from contract_tests.model.options import Options
from contract_tests.plan.coverage_order import KINDS
from contract_tests.plan.resources import base_of
from contract_tests.plan.step import Step
from contract_tests.reading.quota import announced
from contract_tests.reading.traffic import Traffic, View, read
from contract_tests.run.sender import Sender

MOST = 5
"""Requests that a diagnosis sends at most."""
_ENOUGH = 3
"""Requests of the plan among them."""
_SHAPE = ("CT104", "CT105", "CT106")
_HTML = re.compile(rb"(?i)^\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:!doctype html|html|head|body)", re.DOTALL)
_TITLE = re.compile(rb"(?is)<title[^>]*>(.{1,200}?)</title>")
_SIGN_IN = re.compile(rb"(?i)type=[\"']?password|sign[ -]?in|log[ -]?in")
_TLS_SPOKEN = re.compile(
    rb"(?i)(?:plain HTTP request was sent to HTTPS|speaking plain HTTP to an SSL|to an HTTPS server)"
)
_NOT_TLS = re.compile(r"WRONG_VERSION_NUMBER|RECORD_LAYER_FAILURE|UNKNOWN_PROTOCOL|record layer failure|HTTP_REQUEST")
_CERTIFICATE = re.compile(r"CERTIFICATE_VERIFY_FAILED\]\s*(?:certificate verify failed: )?([^(]*)")
_UNAVAILABLE = (502, 503, 504)

Sign = Literal["", "silence", "page", "elsewhere", "absent", "refused", "spent", "unavailable", "shape"]
"""What an answer may be a sign of; empty: the API is there, and does what a request with this key wants."""


class DiagnosedError(GiveUpError):
    """The target cannot be judged. The message says why, and what to change."""


class Diagnosis:
    """Sends the first requests of a plan, and says what is wrong with the target or the key."""

    def __init__(self, options: Options, traffic: Traffic, sender: Sender) -> None:
        self._options, self._traffic, self._sender = options, traffic, sender
        self._contract = options.contract
        self._asked: list[Step] = []

    def make(self, steps: Sequence[Step]) -> list[Step]:
        """Send requests of the plan until one shows that the API can be judged; return those that were sent.

        Raises:
            DiagnosedError: the API cannot be judged.
        """
        sent = self._asked
        seen: list[tuple[Sign, View]] = []
        for step in self._telling(steps):
            sent.append(step)
            view = self._view_of(step)
            if view is None:
                continue
            sign = self._sign_of(view)
            if not sign:
                return sent
            seen.append((sign, view))
            if len(seen) >= 2 and len({sign for sign, _ in seen}) > 1:
                return sent  # answers of several kinds come from an API, whatever is wrong with it
            if len(seen) == 2 and (
                sign in ("silence", "page", "elsewhere") or (sign == "absent" and not view.resource)
            ):
                break  # two are enough: the rest is for requests beside the plan
        if seen:
            sentence = self._sentence(seen[-1][0], [view for _, view in seen])
            if sentence:
                raise DiagnosedError(sentence)
        return sent

    def _telling(self, steps: Sequence[Step]) -> Iterator[Step]:
        """Yield steps that must succeed with a good key, each of another operation; those without resources first."""
        good = [step for step in steps if KINDS[step.kind].good and step.which == "first" and step.deferred is None]
        firsts = {step.operation: step for step in reversed(good)}
        chosen = [step for step in good if firsts[step.operation] is step]
        chosen.sort(key=lambda step: step.path.count("{"))
        yield from chosen[: min(_ENOUGH, self._sender.budget.left)]

    def _view_of(self, step: Step) -> View | None:
        try:
            exchange = self._sender.send(step)
        except GiveUpError as error:
            last = self._traffic.views[-1] if self._traffic.views else None
            raise DiagnosedError((last and self._spent(last)) or str(error)) from None
        return self._traffic.views[-1] if exchange is not None else None

    def _sign_of(self, view: View) -> Sign:
        response = view.exchange.response
        if response is None:
            return "silence"
        if _HTML.match(response.body) and (view.succeeded or view.status in (400, 401, 403)):
            return "page"
        if view.succeeded:
            return "shape" if self._misfits(self._traffic, view) else ""
        if 300 <= view.status < 400:
            return "elsewhere"
        if view.status in (404, 405, 501):
            return "" if self._is_known_error(view) and view.resource else "absent"
        if view.status in (401, 402, 403):
            return "refused"
        if view.status in _UNAVAILABLE:
            return "unavailable"
        return "spent" if view.status == 429 else ""

    def _is_known_error(self, view: View) -> bool:
        """Return whether an error has a code of the contract: a router that knows no path says something else."""
        errors = self._contract.errors
        code = errors.body.values_in(view.json).get("code") if view.has_json and errors.has_own_format else None
        return code in [kind.code for kind in errors.with_status(view.status)]

    def _sentence(self, sign: Sign, views: Sequence[View]) -> str:
        """Return what is wrong; empty where it is the server that does wrong."""
        last = views[-1]
        if sign == "silence":
            return self._silence(last)
        if sign == "page":
            return self._page(last)
        if sign == "elsewhere":
            place = one_line(last.header("location") or "nowhere", 200)
            return f"every request is answered {last.status} and sent to {place}: name what answers itself as --target"
        if sign == "absent":
            return self._absent(views)
        if sign == "refused":
            return self._refused(views)
        if sign == "spent":
            return self._spent(last) or f"every request is answered 429{_said(last)}: wait, or give another key"
        if sign == "unavailable":
            return f"every request is answered {last.status}{_said(last)}: what stands before the API does not reach it"
        return self._other_edition(views) if sign == "shape" else ""

    def _silence(self, view: View) -> str:
        parts, failure = urlsplit(self._options.target), view.exchange.failure
        host = parts.netloc
        kind, _, words = failure.partition(": ")
        found = _CERTIFICATE.search(failure)
        if found is not None:
            why = one_line(found[1].strip() or "it cannot be verified", 160)
            return f"the TLS certificate of {host} is not valid ({why}); --insecure accepts any"
        if parts.scheme == "https" and (_NOT_TLS.search(failure) or "EOF" in failure) and self._speaks("http"):
            return f"{host} speaks plain HTTP, not TLS: --target http://{host}{parts.path}"
        if parts.scheme == "http" and not kind.startswith("Connect") and self._speaks("https"):
            return f"{host} speaks TLS: --target https://{host}{parts.path}"
        if kind == "ConnectError":
            return f"nothing can be reached at {host}: {one_line(words, 160)}"
        if kind.endswith("Timeout"):
            return f"{host} does not answer: {one_line(words, 160)} (--timeout)"
        return f"what {host} answers is no HTTP: {one_line(words or kind, 160)}"

    def _speaks(self, scheme: str) -> bool:
        """Return whether the target answers in another scheme. No key is sent there."""
        parts = urlsplit(self._options.target)
        answer = self._ask(urlunsplit((scheme, parts.netloc, parts.path or "/", "", "")), "")
        return answer is not None and answer.response is not None

    def _page(self, view: View) -> str:
        response, parts = view.exchange.response, urlsplit(self._options.target)
        body = response.body if response else b""
        if parts.scheme == "http" and _TLS_SPOKEN.search(body):
            return f"{parts.netloc} speaks TLS: --target https://{parts.netloc}{parts.path}"
        title = _TITLE.search(body)
        named = f", “{one_line(title[1].decode('utf-8', 'replace'), 80)}”" if title else ""
        what = "a page to sign in" if _SIGN_IN.search(body) else "a web page"
        asked = f"{view.method} {_path(view)} ({view.status})"
        return f"{parts.netloc} answers {asked} with {what}{named}, not with what the contract describes"

    def _absent(self, views: Sequence[View]) -> str:
        base, here = self._contract.base_path, base_of(self._options)
        first = next((view for view in views if not view.resource), views[0])
        own = _path(first)[len(here) :]
        whole = f"{here}{base}" or "/"
        segments = base.strip("/").split("/") if base and own.startswith(f"{base}/") else []
        tails = [f"/{'/'.join(segments[at:])}" for at in range(1, len(segments))][::-1]
        places = [
            (f"{here}{tail}{own[len(base) :]}", f"--base-path {tail or '/'}") for tail in ["", *tails] if segments
        ]
        if here:
            places.insert(1, (own, f"--target without {here}"))
        for path, way in places:
            if self._is_there(path, first):
                return f"nothing answers below {whole}, but {path} does: {way}"
        what = ", ".join(f"{view.method} {_path(view)} ({view.status})" for view in views[:2])
        server = one_line(first.header("server") or "", 60)
        return f"nothing that the contract describes answers below {whole}: {what}{f', by {server}' if server else ''}"

    def _is_there(self, path: str, like: View) -> bool:
        parts = urlsplit(self._options.target)
        request = like.exchange.request
        query = urlsplit(request.url).query
        answer = self._ask(urlunsplit((parts.scheme, parts.netloc, path, query, "")), request.role, request.headers)
        response = answer.response if answer else None
        if response is None or _HTML.match(response.body):
            return False
        return 200 <= response.status < 300 or response.status in (400, 401, 403, 429)

    def _refused(self, views: Sequence[View]) -> str:
        last = views[-1]
        if not any(view.role for view in views):
            return ""
        for view in views[:1]:
            if view.operation is not None and self._another_scheme_works(view):
                return ""
        if last.status == 401:
            return f"the key is not accepted: every request is answered 401{_said(last)}"
        return f"the key may not use this API: every request is answered {last.status}{_said(last)}"

    def _another_scheme_works(self, view: View) -> bool:
        """Return whether the key is accepted in another place: the server is wrong then, not the key."""
        operation = view.operation
        step = next((step for step in self._asked if step.operation == (operation.id if operation else "")), None)
        if operation is None or step is None:
            return False
        count = len(operation.security)
        for number in range(1, min(count, MOST - len(self._asked) + 1)):
            exchange = self._sender.send(replace(step, scheme=step.scheme + number))
            if exchange is not None and exchange.response is not None and exchange.response.status not in (401, 403):
                return True
        return False

    def _spent(self, view: View) -> str:
        """Return that the month of the key is used up; empty where that is not said."""
        if view.status != 429:
            return ""
        errors = self._contract.errors
        kind = errors.find_kind(view.json, errors.with_status(429)) if view.has_json else None
        used, limit = (announced(self._contract, view, source) for source in ("month.used", "month.limit"))
        if kind is None or kind.name != QUOTA_EXCEEDED:
            return ""
        figures = f" ({one_line(used, 20)} of {one_line(limit, 20)} requests)" if used and limit else ""
        return f"the quota of the key is used up{figures}: every request is answered 429{_said(view)}"

    def _other_edition(self, views: Sequence[View]) -> str:
        """Return that the target keeps another edition of the contract; empty where none of them fits better."""
        catalogue, own = bundled(), self._contract
        if catalogue.files.get(own.selector) != own.document.path or len(views) < 2:
            return ""
        for edition in catalogue.editions()[own.name]:
            selector = f"{own.name}@{edition}"
            if selector != own.selector and self._fits(catalogue.load(selector), views):
                return f"the target speaks {selector}, not {own.selector}: --contract {selector}"
        return ""

    def _fits(self, contract: Contract, views: Sequence[View]) -> bool:
        other = Traffic(contract, base_of(replace(self._options, contract=contract)), self._options.seed)
        found = [read(contract, other.base, view.exchange) for view in views]
        return all(view.operation is not None and not self._misfits(other, view) for view in found)

    @staticmethod
    def _misfits(traffic: Traffic, view: View) -> bool:
        """Return whether a success breaks its schema."""
        return any(judgement.ok is False for judgement in judge_view(traffic, view) if judgement.clause.code in _SHAPE)

    def _ask(self, url: str, role: str, headers: tuple[tuple[str, str], ...] = ()) -> Exchange | None:
        """Send a request beside the plan; None where there are no more for a diagnosis."""
        if len(self._sender.exchanges) >= MOST or self._sender.budget.left <= 0:
            return None
        return self._sender.ask(Request("GET", url, headers, role=role, purpose="diagnosis"))


def _path(view: View) -> str:
    return urlsplit(view.exchange.request.url).path


def _said(view: View) -> str:
    """Return the message of an error, for a sentence."""
    body = view.json if view.has_json else None
    for holder in (body, body.get("error") if isinstance(body, dict) else None):
        if isinstance(holder, str):
            return f" (“{one_line(holder, 120)}”)"
        if isinstance(holder, dict):
            for name in ("message", "detail", "title", "error"):
                if isinstance(holder.get(name), str):
                    return f" (“{one_line(holder[name], 120)}”)"
    return ""
