"""The control API below `/__mock`: not part of any contract, not rate limited, not recorded in the journal."""

from __future__ import annotations

from starlette.routing import BaseRoute

from mockserver.control import faults, space
from mockserver.control.calls import Handler, control_route
from mockserver.control.client_report import client_report_routes
from mockserver.control.contracts import contract_route
from mockserver.control.health import health_route
from mockserver.control.journal import journal_routes
from mockserver.control.metrics import metrics_route
from mockserver.engine.mock import Mock

CONTROL = "/__mock"


def control_routes(mock: Mock) -> list[BaseRoute]:
    """Return all routes of the control API."""
    handlers: dict[str, dict[str, Handler]] = {
        "version": {"GET": space.show_version},
        "openapi.json": {"GET": space.openapi},
        "reset": {"POST": space.reset},
        "clock": {"GET": space.show_clock, "POST": space.change_clock},
        "limits": {"GET": space.list_limits},
        "limits/{key}": {"GET": space.show_limits, "PUT": space.put_limits},
        "settings": {"GET": space.show_settings, "PUT": space.put_settings},
        "faults": {"GET": faults.list_faults, "POST": faults.add_fault, "DELETE": faults.clear_faults},
        "faults/{id}": {"DELETE": faults.remove_fault},
        "scenarios": {"GET": faults.list_scenarios, "POST": faults.define_scenario},
        "scenarios/{name}/start": {"POST": faults.start_scenario},
        "scenarios/{name}/stop": {"POST": faults.stop_scenario},
        "scenarios/{name}/state": {"PUT": faults.set_state},
    }
    own = [
        control_route(mock, f"{CONTROL}/{path}", methods, repairs=path == "reset") for path, methods in handlers.items()
    ]
    return [
        health_route(mock),
        metrics_route(mock),
        contract_route(),
        *own,
        *journal_routes(),
        *client_report_routes(),
    ]
