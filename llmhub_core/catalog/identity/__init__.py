"""Identity: which served rows are one model, and which rating is whose.

The interface, in order of use::

    tables = load_tables(config_dir)             # aliases, denials, labs, providers
    grouping = group(rows, tables)               # served rows -> underlying models
    result = join(rated_names, grouping, tables) # rated names -> underlying models
    default_rating(joins_of_one_row, placement)  # several ratings -> the one shown
"""

from __future__ import annotations

from llmhub_core.catalog.identity.group import group
from llmhub_core.catalog.identity.join import join
from llmhub_core.catalog.identity.ratings import default_rating
from llmhub_core.catalog.identity.records import (
    Grouping,
    Join,
    Placement,
    RatedName,
    ServedRow,
)
from llmhub_core.catalog.identity.tables import Tables, load_tables

__all__ = [
    "Grouping",
    "Join",
    "Placement",
    "RatedName",
    "ServedRow",
    "Tables",
    "default_rating",
    "group",
    "join",
    "load_tables",
]
