"""llmhub.lock: the decision and the facts it rests on."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import field, frozen

from llmhub_core.records.choice import Choice

__all__ = ["Lock", "LockedEnvironment", "LockedRole", "LockedSource"]


@frozen(kw_only=True)
class LockedSource:
    """One source of the catalog that was chosen from.

    Attributes:
        version: Version of the plugin's distribution.
        fetched_at: When its data was transferred, ISO 8601 UTC.
        as_of: Date that the data carries, or None.
    """

    version: str | None = None
    fetched_at: str | None = None
    as_of: str | None = None


@frozen(kw_only=True)
class LockedRole:
    """One role's decision.

    Attributes:
        digest: SHA-256 of everything in the spec that can change this choice.
        catalog_digest: The catalog that it was chosen from.
        choice: The decision.
        selector_version: Version of the selector's distribution.
        integrity: Checksum of everything else here; a hand edit breaks it.
    """

    digest: str
    catalog_digest: str
    choice: Choice
    selector_version: str | None = None
    integrity: str = ""


@frozen(kw_only=True)
class LockedEnvironment:
    """All decisions of one environment.

    Attributes:
        spec_digest: SHA-256 of the effective spec.
        catalog_digest: The newest catalog that any role was chosen from.
        sources: That catalog's sources, by name.
        roles: Per role its decision.
        integrity: Checksum of everything else here but the roles, which carry
            their own: two branches that change different roles merge cleanly.
    """

    spec_digest: str
    catalog_digest: str
    sources: Mapping[str, LockedSource] = field(factory=dict, hash=False)
    roles: Mapping[str, LockedRole] = field(factory=dict, hash=False)
    integrity: str = ""


@frozen(kw_only=True)
class Lock:
    """The whole file.

    Attributes:
        version: Format of the file.
        environments: Per environment its decisions.
    """

    version: int = 1
    environments: Mapping[str, LockedEnvironment] = field(factory=dict, hash=False)
