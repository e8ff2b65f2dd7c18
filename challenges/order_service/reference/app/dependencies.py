"""What the routes are given."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request

from app.gateways import Inventory, Payments
from app.metrics import Metrics
from app.orders import Orders
from app.store import Store


@dataclass(frozen=True)
class Resources:
    """What lives as long as the app."""

    store: Store
    inventory: Inventory
    payments: Payments
    orders: Orders
    metrics: Metrics


def get_resources(request: Request) -> Resources:
    """Those of the running app."""
    found = request.app.state.resources
    if not isinstance(found, Resources):
        raise TypeError("the app has not started")
    return found


ResourcesDep = Annotated[Resources, Depends(get_resources)]
