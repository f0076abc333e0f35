"""The register of menu entries: rooms announce their pages, the shell shows those that work. Refuses dead links."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

from django.urls import NoReverseMatch, reverse

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from zhike.core.actor import Actor

Text: TypeAlias = "str | _StrPromise"
Allowed: TypeAlias = "str | Callable[[Actor], bool]"
PLACES = ("side", "foot", "person")
PHONE_ENTRIES = 4


@dataclass(frozen=True)
class MenuEntry:
    """One page that the menu leads to.

    ``url_name`` may be empty for a heading that only holds children. ``allowed`` is a permission or a function of
    the actor; empty lets everybody in. ``covers`` names further views (``namespace:name``) that belong to the entry
    although their addresses do not begin with its own. ``phone`` puts it into the bar at the foot of small screens.
    ``place``: ``side`` (the menu), ``foot`` (its lower end) or ``person`` (the menu of the signed-in person).
    ``badge`` counts what waits; nothing is shown for ``None`` or zero.
    """

    key: str
    label: Text
    icon: str = ""
    url_name: str = ""
    order: int = 100
    parent: str = ""
    allowed: Allowed = ""
    badge: Callable[[Actor], int | None] | None = None
    covers: tuple[str, ...] = ()
    phone: bool = False
    place: str = "side"

    def open_to(self, actor: Actor) -> bool:
        """Return whether the actor may open the page."""
        if callable(self.allowed):
            return self.allowed(actor)
        return not self.allowed or actor.may(self.allowed)

    def address(self) -> str:
        """Return the page's address, empty when no page of that name exists."""
        try:
            return reverse(self.url_name) if self.url_name else ""
        except NoReverseMatch:
            return ""


@dataclass
class MenuItem:
    """An entry as one person sees it on one page."""

    entry: MenuEntry
    url: str
    badge: int | None = None
    current: bool = False
    open: bool = False
    children: list[MenuItem] = field(default_factory=list)

    @property
    def label(self) -> Text:
        """The entry's text."""
        return self.entry.label

    @property
    def icon(self) -> str:
        """The entry's icon."""
        return self.entry.icon


@dataclass(frozen=True)
class SearchPage:
    """The page that answers the search box in the top bar: a GET with the parameter ``q``."""

    url_name: str
    placeholder: Text
    allowed: Allowed = ""


class MenuRegister:
    """All entries of one process."""

    def __init__(self) -> None:
        self.entries: dict[str, MenuEntry] = {}
        self.search: SearchPage | None = None
        self.role_names: dict[str, Text] = {}

    def register(self, *entries: MenuEntry) -> None:
        """Add entries; a second entry with the same key is refused.

        Raises
        ------
        ValueError
            When a key is taken or a place is unknown.
        """
        for entry in entries:
            if entry.key in self.entries and self.entries[entry.key] != entry:
                raise ValueError(f"menu key already taken: {entry.key}")
            if entry.place not in PLACES:
                raise ValueError(f"unknown place in the menu: {entry.place}")
            self.entries[entry.key] = entry

    def entries_for(
        self, actor: Actor | None, path: str = "", view_name: str = "", place: str = "side"
    ) -> list[MenuItem]:
        """Return what `actor` may open, in order, with the present page marked.

        The present page is the entry that covers `view_name`, else the one whose address is the longest beginning of
        `path`. A heading without a page of its own leads to its first child, and is left out without one.
        """
        if actor is None:
            return []
        shown: dict[str, MenuItem] = {}
        for entry in sorted(self.entries.values(), key=lambda entry: (entry.order, entry.key)):
            if entry.place == place and entry.open_to(actor):
                shown[entry.key] = MenuItem(entry, entry.address())
        top: list[MenuItem] = []
        for item in shown.values():
            parent = shown.get(item.entry.parent)
            if item.entry.parent and parent and item.url:
                parent.children.append(item)
            elif not item.entry.parent:
                top.append(item)
        for item in top:
            if not item.url and not item.entry.url_name and item.children:
                item.url = item.children[0].url
        top = [item for item in top if item.url]
        self._mark_current(top, path, view_name)
        for item in (found for one in top for found in (one, *one.children)):
            item.badge = (item.entry.badge(actor) or None) if item.entry.badge else None
        return top

    @staticmethod
    def _mark_current(top: list[MenuItem], path: str, view_name: str) -> None:
        every = [(item, child) for item in top for child in (*item.children, item)]
        exact = [pair for pair in every if view_name and view_name in (pair[1].entry.url_name, *pair[1].entry.covers)]
        under = [pair for pair in every if path == pair[1].url or (pair[1].url != "/" and path.startswith(pair[1].url))]
        under.sort(key=lambda pair: len(pair[1].url), reverse=True)
        for parent, item in (exact or under)[:1]:
            item.current = True
            parent.open = True

    def search_for(self, actor: Actor | None) -> tuple[str, Text] | None:
        """Return address and placeholder of the search box, or ``None`` when there is none for this actor."""
        if actor is None or self.search is None:
            return None
        entry = MenuEntry("search", self.search.placeholder, url_name=self.search.url_name, allowed=self.search.allowed)
        address = entry.address()
        return (address, self.search.placeholder) if address and entry.open_to(actor) else None


MENU = MenuRegister()


def register(*entries: MenuEntry) -> None:
    """Announce pages to the menu; call it in the room's ``AppConfig.ready``."""
    MENU.register(*entries)


def register_search(url_name: str, placeholder: Text, allowed: Allowed = "") -> None:
    """Announce the page that answers the search box of the top bar."""
    MENU.search = SearchPage(url_name, placeholder, allowed)


def register_role_names(names: Mapping[str, Text]) -> None:
    """Announce how roles are called (core knows no role)."""
    MENU.role_names.update(names)


def phone_bar(items: Iterable[MenuItem]) -> list[MenuItem]:
    """Return the entries for the bar of small screens: the marked ones, at most four."""
    return [item for item in items if item.entry.phone][:PHONE_ENTRIES]
