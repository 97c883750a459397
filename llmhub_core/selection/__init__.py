"""From a role to a ranked, explained choice.

::

    Spec --interpret--> RoleNeed --shortlist--> Candidates
         --Selector.rank--> Ranking --check_ranking, assemble--> Choice
"""

from __future__ import annotations

from llmhub_core.selection.assemble import assemble
from llmhub_core.selection.eligibility import why_not
from llmhub_core.selection.explain import explain
from llmhub_core.selection.flip import flip
from llmhub_core.selection.front import pareto_front
from llmhub_core.selection.interpret import interpret
from llmhub_core.selection.measures import Measures
from llmhub_core.selection.providers import check_providers
from llmhub_core.selection.ranking import check_ranking
from llmhub_core.selection.shortlist import shortlist

__all__ = [
    "Measures",
    "assemble",
    "check_providers",
    "check_ranking",
    "explain",
    "flip",
    "interpret",
    "pareto_front",
    "shortlist",
    "why_not",
]
