"""One pass over a name's pieces: what is core and what is attribute."""

from __future__ import annotations

from llmhub_core.catalog.identity.lexicon import ANY_VERSION, EFFORTS, Lexicon
from llmhub_core.catalog.identity.signature import Signature, Stamp, stem_of
from llmhub_core.catalog.identity.sizes import in_order
from llmhub_core.catalog.identity.tokens import Piece, is_version

__all__ = [
    "FORMATS",
    "NEGATIONS",
    "NOT_THINKING",
    "PREVIEW",
    "THINKING",
    "Reader",
    "join_decimals",
    "thinking_tokens",
]

THINKING = frozenset({"thinking", "think", "reasoning"})
NOT_THINKING = frozenset({"nothinking", "nothink", "nonthinking", "nonreasoning"})
NEGATIONS = frozenset({"no", "non", "not", "without"})
PREVIEW = frozenset({"preview", "beta"})
FORMATS = frozenset({"instruct", "it", "chat"})
_EFFORTS = frozenset(EFFORTS)
# Brands that decide the lab wherever they stand: derivatives that their makers sell
# under a brand of their own (Llama-3.1-Nemotron, Llama-3.1-Tulu).
_DERIVED = ("nemotron", "tulu")


def join_decimals(pieces: list[Piece]) -> list[Piece]:
    """Make 3.5 of 3-5, k2.5 of k2-5 and v3.1 of v3-1."""
    joined: list[Piece] = []
    for kind, text in pieces:
        if kind == "number" and joined and _is_fraction(text):
            before, whole = joined[-1]
            if "." not in whole and (
                (
                    before == "number"
                    and len(whole) <= 2
                    and (whole == "0" or whole[0] != "0")
                )
                or (before in ("letter", "version") and len(text) == 1)
            ):
                joined[-1] = (before, f"{whole}.{text}")
                continue
        joined.append((kind, text))
    return joined


def _is_fraction(text: str) -> bool:
    return text.isdigit() and len(text) <= 2 and (text == "0" or text[0] != "0")


def thinking_tokens(text: str) -> int:
    """Read a thinking budget, ``32k`` or ``32768tok``, in tokens."""
    return int(text[:-3]) if text.endswith("tok") else int(text[:-1]) * 1000


class Reader:
    """Reads the pieces of one name, once."""

    def __init__(self, words: Lexicon, settings: set[str]) -> None:
        self.words = words
        self.settings = settings
        self.core: list[str] = []
        self.sizes: list[str] = []
        self.formats: list[tuple[int, str]] = []
        self.serving: set[str] = set()
        self.thinking: bool | None = None
        self.mode_word: tuple[int, str] | None = None
        self.budget: int | None = None
        self.effort: str | None = None
        self.preview = False
        self.latest = False
        self.revision: int | None = None
        self.ends_in_first_version = False
        self.is_packed = False  # a number format was named
        self.is_closed = False  # a size or format word ended the model's own name

    def read(self, pieces: list[Piece]) -> None:
        """Read all pieces."""
        skip = False
        for index, (kind, text) in enumerate(pieces):
            if skip:
                skip = False
            elif kind == "word":
                following = pieces[index + 1][1] if index + 1 < len(pieces) else ""
                skip = self._word(text, following)
            elif kind == "size":
                self.sizes.append(text)
                self.is_closed = True
            elif kind == "amount":
                self._amount(text)
            else:
                self._number(text)

    def _word(self, text: str, following: str) -> bool:
        """Read one word; say whether the next piece was read with it."""
        if text in THINKING:
            self.thinking = True
            self.mode_word = (len(self.core), text)
        elif text in NOT_THINKING:
            self.thinking = False
        elif text in NEGATIONS and following in THINKING:
            self.thinking = False
            return True
        elif text in PREVIEW:
            self.preview = True
        elif text == "latest":
            self.latest = True
        elif text in FORMATS:
            self.formats.append((len(self.core), text))
            self.is_closed = self.is_closed or text == "instruct"
        elif self._is_serving(text):
            self.serving.add(text)
        elif self.thinking and text in _EFFORTS:
            self.effort = text
        elif self._is_setting(text):
            grade = self.core[-1] in _EFFORTS  # high-fidelity
            self.settings.add(f"{self.core.pop()}-{text}" if grade else text)
        else:
            self._keep(text)
        return False

    def _is_serving(self, text: str) -> bool:
        """Whether a word only says how the weights are served."""
        if text in self.words.serving:
            self.is_packed = self.is_packed or text in self.words.precision
            return True
        if self.is_packed and text in self.words.packing:
            return True
        return self.is_closed and text in self.words.speeds

    def _amount(self, text: str) -> None:
        if self.thinking and text[-1] == "k":  # 32k, 32768tok; not 720p
            self.budget = thinking_tokens(text)
        elif self._is_setting(text):
            self.settings.add(text)
        else:
            self._keep(text)

    def _number(self, text: str) -> None:
        if len(text) == 3 and text[0] == "0" and text.isdigit():
            self.revision = int(text)
            self.ends_in_first_version = False
            return
        if self.is_closed and text in self.words.contexts:
            self.serving.add(text)
            return
        is_first = text in ("1.0", "v1.0", "v1")
        if text.endswith(".0") and text.count(".") == 1:
            text = text[:-2]
        self._keep(text)
        self.ends_in_first_version = is_first

    def _keep(self, text: str) -> None:
        self.ends_in_first_version = False
        self.is_closed = False
        if self.mode_word is not None:
            # A mode ends a name; before a word it is one (sonar-reasoning-pro).
            self.core.insert(*self.mode_word)
            self.mode_word = None
            self.thinking = None
        if not self.core or self.core[-1] != text:
            self.core.append(text)

    def _is_setting(self, text: str) -> bool:
        settings = self.words.settings.get(text)
        return settings is not None and any(
            not setting.brands.isdisjoint(self.core)
            and not setting.after.isdisjoint(self.core)
            for setting in settings
        )

    def signature(self, stamp: Stamp | None, owner: str | None) -> Signature:
        """Close the reading.

        Args:
            stamp: The date that was taken out of the pieces.
            owner: The lab that the path or prefix named, or None.
        """
        chat_format = self._settle_formats()
        self._drop_first_version()
        core = self._spell(self._without_lab(self.core))
        lab = self.words.lab_of_word(core[0]) if core else None
        for brand in _DERIVED:
            if brand in core:
                lab = self.words.lab_of_brand[brand]
        if core and core[-1] in self.words.mute.get(core[0], ()):
            core.pop()
        if core and core[-1] in self.words.lanes.get(core[0], ()):
            self.serving.add(core.pop())
        if core and core[-1] in self.words.quick.get(core[0], ()):
            self.thinking = False
            core.pop()
        if self.latest and core and core[-1] == "chat":
            self.latest = False  # gpt-5-chat-latest is Azure's gpt-5-chat
        if not core:
            core, self.serving = sorted(self.serving), set()
        final = tuple(core)
        return Signature(
            vendor=lab or owner,
            core=final,
            stem=stem_of(final),
            sizes=in_order(self.sizes),
            stamp=stamp,
            thinking=self.thinking,
            budget=self.budget if self.thinking else None,
            effort=self.effort if self.thinking else None,
            preview=self.preview,
            latest=self.latest,
            revision=self.revision,
            chat_format=chat_format,
            serving=tuple(sorted(self.serving, key=self._packing)),
            settings=tuple(sorted(self.settings)),
        )

    def _packing(self, word: str) -> tuple[bool, str]:
        return word not in self.words.precision, word

    def _settle_formats(self) -> str | None:
        """Make format words without a size words of the name.

        ``chat`` and ``it`` mean the tuned variant only beside a size; without one
        they are products (gpt-5-chat). ``instruct`` always does, but for OpenAI,
        whose gpt-3.5-turbo-instruct is another model.
        """
        found = None
        for place, word in reversed(self.formats):
            is_openai = bool(self.core) and self.core[0] in ("gpt", "openai")
            if self.sizes or (word == "instruct" and not is_openai):
                found = word
            else:
                self.core.insert(place, word)
                self.ends_in_first_version = False
        return found

    def _drop_first_version(self) -> None:
        """Make a final v1 a revision where something else tells the model apart."""
        rest = self.core[:-1]
        if self.ends_in_first_version and (
            self.sizes
            or any(map(is_version, rest))
            or sum(not is_version(token) for token in rest) > 1
        ):
            self.core.pop()
            self.revision = 1
            if (
                self.core and self.core[-1] in THINKING
            ):  # the mode ends the name after all
                self.core.pop()
                self.thinking = True

    def _without_lab(self, core: list[str]) -> list[str]:
        """Cut the lab's name off where a brand of that lab follows."""
        for length in (3, 2, 1):
            lab = self.words.lab_of_name.get(" ".join(core[:length]))
            if lab is not None and any(
                self.words.lab_of_word(token) == lab for token in core[length:]
            ):
                return self._without_lab(core[length:])
        return core

    def _spell(self, core: list[str]) -> list[str]:
        for index, token in enumerate(core):
            for spelling in self.words.spellings.get(token, ()):
                window = core[index : index + len(spelling.wrong)]
                if len(window) == len(spelling.wrong) and all(
                    is_version(have) if want == ANY_VERSION else have == want
                    for have, want in zip(window, spelling.wrong, strict=True)
                ):
                    version = [have for have in window if is_version(have)]
                    right = [
                        version[0] if want == ANY_VERSION else want
                        for want in spelling.right
                    ]
                    return [*core[:index], *right, *core[index + len(window) :]]
        return core
