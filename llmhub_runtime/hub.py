"""``LLMHub``: calls by role."""

from __future__ import annotations

import logging
import os
import threading
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from attrs import evolve

from llmhub_runtime.acalls import AsyncCalls
from llmhub_runtime.calls import Calls
from llmhub_runtime.config import RuntimeConfig, load_config
from llmhub_runtime.errors import EnvVarMissingError, HubClosedError
from llmhub_runtime.hooks import Hook, Hooks
from llmhub_runtime.resolve import reachable_providers

if TYPE_CHECKING:
    from llmhub_runtime.execution import Execution
    from llmhub_runtime.plan import Planner
    from llmhub_runtime.reload import Watch

__all__ = ["LLMHub"]

logger = logging.getLogger("llmhub_runtime")


class LLMHub(Calls, AsyncCalls):
    """Calls the models behind the roles of one config.

    One hub serves a whole program: it is safe to share between threads and between
    event loops, and it keeps its connections. ``with`` and ``async with`` close it.

    Args:
        config_path: The config file. Without it and ``config_obj``, the file that the
            variable ``LLMHUB_CONFIG`` names, else ``llmhub.yaml`` in the working
            directory.
        config_obj: The config itself.
        strict_env: Check at once that the ``env_key`` of every provider that some role
            can reach is in the environment.
        on_before_call: Called with a dict of ``role``, ``provider``, ``model``,
            ``mode``, ``params`` and ``messages`` or ``input``. What it raises vetoes
            the call; what it changes in ``params`` is sent.
        on_after_call: Called, when the call has ended, with the same and ``success``,
            ``error``, ``response`` and ``duration_seconds``. What it raises is logged.
            The response of a stream is the tuple of the chunks that were handed out.
        on_shadow: Called like ``on_after_call`` when a copy of a call, that a role's
            ``shadow`` asks for, has ended; ``shadow_of`` is the role that was called.
        strict_roles: Refuse roles that the config does not have, also when it has
            ``defaults`` to serve them.
        watch: Look at the file every second, and ``reload`` it when it changed. One
            that can't be used is logged, and the last good one stays.

    Raises:
        ValueError: Both ``config_path`` and ``config_obj`` are given, or ``watch``
            and ``config_obj``.
        ConfigError: The config can't be used.
        EnvVarMissingError: With ``strict_env``: names every missing variable.
        UnknownProviderError: With ``strict_env``: a role names a provider that is not
            under ``providers``.
    """

    def __init__(
        self,
        config_path: str | os.PathLike[str] | None = None,
        config_obj: RuntimeConfig | None = None,
        strict_env: bool = False,  # noqa: FBT001, FBT002 (the original's signature)
        on_before_call: Hook | None = None,
        on_after_call: Hook | None = None,
        *,
        strict_roles: bool = False,
        on_shadow: Hook | None = None,
        watch: bool = False,
    ) -> None:
        if config_path is not None and config_obj is not None:
            raise ValueError("give config_path or config_obj, not both")
        if watch and config_obj is not None:
            raise ValueError("give config_path: a config_obj can't be watched")
        self._path: Path | None = None
        self._strict_env = strict_env
        if config_obj is None:
            given = config_path or os.environ.get("LLMHUB_CONFIG") or "llmhub.yaml"
            path = Path(given)
            config_obj = load_config(path)
            self._path = path.absolute()  # where it is, wherever the program goes
        if strict_env:
            _check_environment(config_obj)
        self.config = config_obj
        self.strict_roles = strict_roles
        self._hooks = Hooks(on_before_call, on_after_call)
        self._on_shadow = on_shadow
        self._lock = threading.Lock()
        self._opened: tuple[Execution, Planner] | None = None
        self._closed = False
        self._watch: Watch | None = None
        if watch and self._path is not None:
            from llmhub_runtime.reload import Watch

            self._watch = Watch(self._path, self.reload)

    def reload(self, config_obj: RuntimeConfig | None = None) -> bool:
        """Read the config file again, and call by it from now on.

        Calls under way end by the old config. Connections to endpoints that both have
        are kept, the others are closed when their last call has ended.

        Args:
            config_obj: A config to take instead of the file's.

        Returns:
            Whether it differs from the one before.

        Raises:
            ConfigError, EnvVarMissingError, UnknownProviderError: It can't be used, for
                the reasons for which a hub can't be made from it. The hub goes on with
                the one that it has.
            ValueError: There is no file: the hub was made from a ``config_obj``.
            HubClosedError: The hub is closed.
        """
        if self._closed:
            raise HubClosedError
        if config_obj is None:
            if self._path is None:
                raise ValueError("this hub has no file: give a config_obj")
            config_obj = load_config(self._path)
        if self._strict_env:
            _check_environment(config_obj)
        with self._lock:
            if config_obj == self.config:
                return False
            self.config = config_obj
            if self._opened is not None:
                execution, planner = self._opened
                self._opened = execution, evolve(planner, config=config_obj)
                execution.backend.keep(config_obj)
        logger.info("config.reloaded: %s %s", config_obj.project, config_obj.env)
        return True

    def close(self) -> None:
        """Close the connections. Calls that still run fail; later ones are refused."""
        self._end()
        if self._opened is not None:
            self._opened[0].close()

    async def aclose(self) -> None:
        """Close the connections, those of the running event loop before returning."""
        self._end()
        if self._opened is not None:
            await self._opened[0].aclose()

    def _end(self) -> None:
        self._closed = True
        if self._watch is not None:
            self._watch.close()
        if self._opened is not None:
            self._opened[1].shadows.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        config = self.config
        return f"<LLMHub {config.project} {config.env}: {', '.join(config.roles)}>"

    def _open(self) -> tuple[Execution, Planner]:
        if self._closed:
            raise HubClosedError
        with self._lock:
            if self._opened is None:
                # asyncio and what else a call needs is no burden of the import.
                from llmhub_runtime.execution import Execution
                from llmhub_runtime.plan import Planner
                from llmhub_runtime.shadow import Shadows

                execution = Execution()
                planner = Planner(
                    config=self.config,
                    hooks=self._hooks,
                    backend=execution.backend,
                    strict_roles=self.strict_roles,
                    breakers=execution.breakers,
                    shadows=Shadows(execution, self._on_shadow),
                )
                self._opened = execution, planner
            return self._opened


def _check_environment(config: RuntimeConfig) -> None:
    missing = {
        variable: name
        for name, endpoint in reachable_providers(config).items()
        for variable in endpoint.variables
        if not os.environ.get(variable, "").strip()
    }
    if missing:
        raise EnvVarMissingError(missing)
