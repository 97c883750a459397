"""Identity: which served rows are one model, and which rating is whose.

The interface, in order of use::

    tables = load_tables(config_dir)             # aliases, denials, labs, providers
    grouping = group(rows, tables)               # served rows -> underlying models
    result = join(rated_names, grouping, tables) # rated names -> underlying models
    default_rating(joins_of_one_row, placement)  # several ratings -> the one shown

Each name is imported from its module when it is first looked at: who only asks for a
provider's name, in ``identity.providers``, does not wait for the rules.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmhub_core.catalog.identity.exceptions import load_tables
    from llmhub_core.catalog.identity.grouping import group
    from llmhub_core.catalog.identity.joining import join
    from llmhub_core.catalog.identity.ratings import carries, default_rating
    from llmhub_core.catalog.identity.records import (
        Group,
        Grouping,
        Join,
        JoinResult,
        Label,
        Placement,
        RatedName,
        RatingChoice,
        ServedRow,
        Unmatched,
    )
    from llmhub_core.catalog.identity.rows import parse
    from llmhub_core.catalog.identity.rules import RULES
    from llmhub_core.catalog.identity.signature import Signature, Stamp
    from llmhub_core.catalog.identity.tables import Alias, Denial, Tables

__all__ = [
    "RULES",
    "Alias",
    "Denial",
    "Group",
    "Grouping",
    "Join",
    "JoinResult",
    "Label",
    "Placement",
    "RatedName",
    "RatingChoice",
    "ServedRow",
    "Signature",
    "Stamp",
    "Tables",
    "Unmatched",
    "carries",
    "default_rating",
    "group",
    "join",
    "load_tables",
    "parse",
]

#: Where each name lives.
_HOMES = {
    name: home
    for home, names in {
        "exceptions": "load_tables",
        "grouping": "group",
        "joining": "join",
        "ratings": "carries default_rating",
        "records": """
            Group Grouping Join JoinResult Label Placement RatedName RatingChoice
            ServedRow Unmatched
        """,
        "rows": "parse",
        "rules": "RULES",
        "signature": "Signature Stamp",
        "tables": "Alias Denial Tables",
    }.items()
    for name in names.split()
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message, name=name)
    value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    globals()[name] = value  # looked up once
    return value
