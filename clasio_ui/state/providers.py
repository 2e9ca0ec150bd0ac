"""Which providers people may sign in through: what the operator has set up, for the pages of those who come in."""

from dataclasses import dataclass

import reflex as rx

from clasio_backend.accounts.identities import providers
from clasio_backend.accounts.schemas import ProviderRow
from clasio_ui import bridge
from clasio_ui.routes import provider_path


@dataclass(frozen=True)
class ProviderItem:
    slug: str
    name: str
    sign_in_path: str
    again_path: str
    connect_path: str


def provider_item(row: ProviderRow) -> ProviderItem:
    paths = [provider_path(row.slug, what) for what in ("sign-in", "again", "connect")]
    return ProviderItem(row.slug, row.name, *paths)


class ProvidersState(rx.State):
    items: list[ProviderItem] = []

    @rx.event
    async def load(self):
        """Asks no provider anything."""
        self.items = [provider_item(row) for row in await bridge.anybody(providers)]
