"""The document of a request: sent as text, or named by its SHA-256.

Named documents are trusted ones, or such as were sent with their name before ("automatic persisted queries" of Apollo).
Of the latter only those are remembered that hold no values, and for their role alone: whoever asks for a hash must not
learn that somebody else asked about a person.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from edge.errors import BadRequest
from edge.trusted import Trusted, documents_folder, hash_of, is_hash, operations_in
from kernel.errors import KsbbError
from kernel.settings import Settings
from policy.viewer import Role, Viewer, role_named
from resolvers.literals import lift
from resolvers.prepare import Kept

PREFIX = "sha256:"

_KEPT = 2_000
_CHARACTERS_KEPT = 8_000_000
_LONGEST_KEPT = 50_000
"""Characters; a longer one is over the limit of the guard (`edge/guard.py`)."""
_LARGEST_NUMBER = 100_000
"""Page sizes are kept; longer numbers may be somebody's."""


class DocumentNotFound(KsbbError):
    """No document is known by a name. The message is the word that clients look for: they send the text then."""

    code = "PERSISTED_QUERY_NOT_FOUND"

    def __init__(self) -> None:
        super().__init__("PersistedQueryNotFound", hint="Send the document too (kirim juga dokumennya).")


class DocumentNotTrusted(KsbbError):
    """A document that is not trusted, of a role or API key that may send trusted ones only."""

    code = "DOCUMENT_NOT_TRUSTED"

    def __init__(self, role: Role, of_key: bool = False) -> None:
        who = "This API key" if of_key else f"Role {role}"
        super().__init__(
            f"{who} may send trusted documents only (hanya dokumen tepercaya). Ask whoever keeps this service to "
            "add yours with `ksbb documents add`.",
            role=role,
        )


class Documents:
    """Finds the text of a request."""

    def __init__(self, trusted: Trusted, only_trusted: frozenset[Role] = frozenset()) -> None:
        self._trusted = trusted
        self._only_trusted = only_trusted
        self._known: Kept[tuple[Role, str], str] = Kept(_KEPT, _CHARACTERS_KEPT)

    def text(self, viewer: Viewer, parameters: Mapping[str, Any]) -> str:
        """The document that the parameters of a request send or name.

        Raises:
            BadRequest: there is neither, or the name is not that of the document that came with it.
            DocumentNotFound: it is named and not known.
            DocumentNotTrusted: the caller may send trusted ones only.
        """
        role = viewer.role
        query, name = parameters.get("query"), _name(parameters)
        if name is None or query is not None:
            if not isinstance(query, str):
                raise BadRequest("`query` must be a text: the GraphQL document.", name="query")
            if name is not None:
                self._keep(role, name, query)
        else:
            query = self._trusted.text(name) or self._known.get((role, name))
            if query is None:
                raise DocumentNotFound
        if (viewer.trusted_only or role in self._only_trusted) and self._trusted.text(hash_of(query)) is None:
            raise DocumentNotTrusted(role, viewer.trusted_only)
        return query

    def known_operation(self, text: str, name: str | None) -> str | None:
        """The operation of a trusted document that is asked for; None where the document is not trusted.

        So it is a name that whoever keeps the installation let in: it may stand where callers must write nothing.
        """
        trusted = self._trusted.lately()
        if not trusted or hash_of(text) not in trusted:
            return None
        names = operations_in(text)
        return name if name in names else names[0] if name is None and len(names) == 1 else None

    def _keep(self, role: Role, name: str, text: str) -> None:
        if hash_of(text) != name:
            raise BadRequest("The hash that came with `query` is not its SHA-256.", name="query")
        values = lift(text).values if len(text) <= _LONGEST_KEPT else ("",)
        if all(isinstance(value, int) and abs(value) < _LARGEST_NUMBER for value in values):
            self._known.put((role, name), text, len(text))


def documents_of(settings: Settings) -> Documents:
    """The documents of an installation.

    Raises:
        UnusableSetting: `trusted_only` names a role that there is not.
    """
    names = filter(None, settings.trusted_only.split(","))
    only_trusted = frozenset(role_named(name, "KSBB_TRUSTED_ONLY") for name in names)
    return Documents(Trusted(documents_folder(settings)), only_trusted)


def _name(parameters: Mapping[str, Any]) -> str | None:
    """The hash by which a document is named; None where none is.

    Raises:
        BadRequest: it is of the wrong form.
    """
    given = parameters.get("documentId")
    if given is None:
        apollo = (parameters.get("extensions") or {}).get("persistedQuery")
        if apollo is None:
            return None
        if not isinstance(apollo, dict) or apollo.get("version") != 1:
            raise BadRequest("`extensions.persistedQuery` must be an object of version 1.", name="extensions")
        given = apollo.get("sha256Hash")
    if not isinstance(given, str) or not is_hash(given.removeprefix(PREFIX)):
        raise BadRequest("A document is named by its SHA-256: `sha256:` and 64 lower-case hexadecimal digits.")
    return given.removeprefix(PREFIX)
