"""Identity: which served rows are one model, and which rating is whose.

The interface, in order of use::

    tables = load_tables(config_dir)             # aliases, denials, labs, providers
    grouping = group(rows, tables)               # served rows -> underlying models
    result = join(rated_names, grouping, tables) # rated names -> underlying models
    default_rating(joins_of_one_row, placement)  # several ratings -> the one shown
"""

from __future__ import annotations

from llmhub_core.catalog.identity.exceptions import load_tables
from llmhub_core.catalog.identity.group import group
from llmhub_core.catalog.identity.join import join
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
