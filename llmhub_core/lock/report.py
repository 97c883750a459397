"""A comparison of two states as people read it: words, money, Markdown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from attrs import frozen

from llmhub_core.lock.diff import RoleChange, Standing, diff
from llmhub_core.numerals import plain
from llmhub_core.records.lock import LockedEnvironment

__all__ = ["Comparison", "Report", "compare", "markdown"]


@frozen(kw_only=True)
class Comparison:
    """One role that is not as it was, and what that means.

    Attributes:
        change: What differs.
        words: One phrase per difference, the most important first.
        usd_per_month_before: Cost of a month of the workload, or None.
        usd_per_month_after: The same, of what serves it now.
    """

    change: RoleChange
    words: tuple[str, ...]
    usd_per_month_before: float | None = None
    usd_per_month_after: float | None = None


@frozen(kw_only=True)
class Report:
    """All roles that differ between two states of an environment.

    Attributes:
        env: Name of the environment.
        roles: By name.
    """

    env: str
    roles: tuple[Comparison, ...]

    @property
    def usd_per_month_before(self) -> float | None:
        """Sum over the roles that differ; None when one of them is unknown."""
        return _sum(role.usd_per_month_before for role in self.roles)

    @property
    def usd_per_month_after(self) -> float | None:
        """The same, of what serves them now."""
        return _sum(role.usd_per_month_after for role in self.roles)


def compare(
    before: LockedEnvironment | None,
    after: LockedEnvironment | None,
    *,
    env: str,
    requests_per_month: Mapping[str, int | None] | None = None,
) -> Report:
    """Compare two states of one environment.

    Args:
        before: The older one; None when there was nothing.
        after: The newer one; None when there is nothing any more.
        env: Its name.
        requests_per_month: By role, from the workload of the spec.
    """
    monthly = requests_per_month or {}
    return Report(
        env=env,
        roles=tuple(
            Comparison(
                change=change,
                words=_words(change),
                usd_per_month_before=_month(change.before, monthly.get(change.role)),
                usd_per_month_after=_month(change.after, monthly.get(change.role)),
            )
            for change in diff(before, after)
        ),
    )


def _sum(values: Iterable[float | None]) -> float | None:
    total = 0.0
    for value in values:
        if value is None:
            return None
        total += value
    return total


def _month(standing: Standing | None, requests: int | None) -> float | None:
    if standing is None or standing.usd_per_request is None or requests is None:
        return None
    return standing.usd_per_request * requests


# ---------------------------------------------------------------- words


def _words(change: RoleChange) -> tuple[str, ...]:
    before, after = change.before, change.after
    if before is None or after is None:
        return (f"{change.change}: {(after or before or _NOBODY).model}",)
    words = [
        _SAID[name](before, after)
        for name in _SAID
        if name in change.differs or (name == "rating" and _rates(change))
    ]
    return tuple(word for word in words if word)


def _rates(change: RoleChange) -> bool:
    return bool({"rating_ci_low", "rating_ci_high"} & set(change.differs))


def _cost(before: Standing, after: Standing) -> str:
    was, now = before.usd_per_request, after.usd_per_request
    if was is None or now is None:
        return f"per request {_usd(was)} -> {_usd(now)}"
    share = f" ({(now - was) / was:+.0%})" if was else ""
    return f"per request {_usd(was)} -> {_usd(now)}{share}"


def _rating(before: Standing, after: Standing) -> str:
    if before.rating is None or after.rating is None:
        return f"rating {_rated(before)} -> {_rated(after)}"
    if before.rating_category != after.rating_category:
        return f"rating {_rated(before)} -> {_rated(after)}, of another category"
    points = after.rating - before.rating
    return f"rating {_rated(before)} -> {_rated(after)}, {points:+.0f} points"


def _rated(standing: Standing) -> str:
    if standing.rating is None:
        return "none"
    low, high = standing.rating_ci_low, standing.rating_ci_high
    interval = f" ({low:.0f}-{high:.0f})" if low is not None and high else ""
    basis = standing.rating_basis
    said = f", {basis}" if basis not in {None, "measured"} else ""
    return f"{standing.rating:.0f}{interval}{said}"


def _tokens(name: str, label: str) -> Callable[[Standing, Standing], str]:
    def said(before: Standing, after: Standing) -> str:
        was, now = getattr(before, name), getattr(after, name)
        return f"{label} {_count(was)} -> {_count(now)}"

    return said


def _capabilities(before: Standing, after: Standing) -> str:
    gained = sorted(set(after.capabilities) - set(before.capabilities))
    lost = sorted(set(before.capabilities) - set(after.capabilities))
    parts = []
    if lost:
        parts.append(f"loses {', '.join(lost)}")
    if gained:
        parts.append(f"gains {', '.join(gained)}")
    return "; ".join(parts)


def _listed(name: str, label: str) -> Callable[[Standing, Standing], str]:
    def said(before: Standing, after: Standing) -> str:
        was, now = getattr(before, name), getattr(after, name)
        return f"{label} {', '.join(was) or 'none'} -> {', '.join(now) or 'none'}"

    return said


def _params(before: Standing, after: Standing) -> str:
    names = sorted(
        name
        for name in {*before.params, *after.params}
        if before.params.get(name) != after.params.get(name)
    )
    was, now = before.params, after.params
    said = (f"{n} {was.get(n, 'unset')} -> {now.get(n, 'unset')}" for n in names)
    return f"parameters {', '.join(said)}"


_NOBODY = Standing(model="nobody")
_SAID: Mapping[str, Callable[[Standing, Standing], str]] = {
    "model": lambda before, after: f"{before.model} -> {after.model}",
    "usd_per_request": _cost,
    "rating": _rating,
    "context_tokens": _tokens("context_tokens", "context"),
    "max_output_tokens": _tokens("max_output_tokens", "output"),
    "capabilities": _capabilities,
    "params": _params,
    "backups": _listed("backups", "backups"),
    "relaxed": _listed("relaxed", "relaxed"),
}


def _usd(amount: float | None) -> str:
    return "unknown" if amount is None else f"${plain(amount)}"


def _count(tokens: int | None) -> str:
    return "unknown" if tokens is None else f"{tokens:,}"


# ---------------------------------------------------------------- Markdown


def markdown(report: Report, *, title: str) -> str:
    """Write a report for a pull request.

    Args:
        report: The comparison.
        title: Its headline.

    Returns:
        Markdown that ends in a newline; what comes from outside is in code spans,
        so that no name can make a link or a table cell of its own.
    """
    lines = [f"## {title}", ""]
    if not report.roles:
        return "\n".join([*lines, f"Nothing differs in `{report.env}`.", ""])
    lines += [
        "| role | before | after | per request | rating | per month |",
        "|---|---|---|---|---|---|",
    ]
    for role in report.roles:
        before, after = role.change.before, role.change.after
        cells = (
            _code(role.change.role),
            _code(before.model) if before else "—",
            _code(after.model) if after else "—",
            _pair(before, after, lambda standing: _usd(standing.usd_per_request)),
            _pair(before, after, _rated),
            _months(role.usd_per_month_before, role.usd_per_month_after),
        )
        lines.append(f"| {' | '.join(cells)} |")
    total = _months(report.usd_per_month_before, report.usd_per_month_after)
    if total != "—":
        lines += ["", f"Together per month: {total}"]
    lines += ["", "<details><summary>All differences</summary>", ""]
    for role in report.roles:
        lines.append(f"- {_code(role.change.role)}")
        lines += [f"  - {_code(word)}" for word in role.words]
    return "\n".join([*lines, "", "</details>", ""])


def _pair(
    before: Standing | None,
    after: Standing | None,
    said: Callable[[Standing], str],
) -> str:
    was = said(before) if before else None
    now = said(after) if after else None
    if was == now or was is None or now is None:
        return now or was or "—"
    return f"{was} → {now}"


def _months(before: float | None, after: float | None) -> str:
    if before is None and after is None:
        return "—"
    if before is None or after is None:
        return f"{_money(before)} → {_money(after)}"
    return f"{_money(before)} → {_money(after)} ({after - before:+,.2f})"


def _money(amount: float | None) -> str:
    return "unknown" if amount is None else f"${amount:,.2f}"


def _code(text: str) -> str:
    cleaned = text.replace("|", "\\|").replace("\n", " ")
    fence = "``" if "`" in cleaned else "`"
    pad = " " if fence == "``" else ""
    return f"{fence}{pad}{cleaned}{pad}{fence}"
