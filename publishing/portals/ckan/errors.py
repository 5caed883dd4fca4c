"""What can go wrong with a portal, told apart by what one does about it. No sentence holds the token."""

from __future__ import annotations

from kernel.errors import KsbbError


class CkanNotConfigured(KsbbError):
    """A setting of the portal is missing."""

    code = "CKAN_NOT_CONFIGURED"


class CkanOrganisationClosed(KsbbError):
    """The token may not publish for the organisation: a wrong token, an unknown organisation, or no editor of it."""

    code = "CKAN_ORGANISATION_CLOSED"


class CkanForbidden(KsbbError):
    """The portal refuses the token for one call (403, or 401 of a proxy)."""

    code = "CKAN_FORBIDDEN"


class CkanNotFound(KsbbError):
    """The portal does not have what was asked for (404)."""

    code = "CKAN_NOT_FOUND"


class CkanRefused(KsbbError):
    """The portal does not accept what was sent (409 and 400), field by field."""

    code = "CKAN_REFUSED"


class CkanFileTooLarge(KsbbError):
    """A file is larger than the portal, or a proxy before it, takes."""

    code = "CKAN_FILE_TOO_LARGE"


class CkanNotThere(KsbbError):
    """What answers at the address is no CKAN: a page, a redirect, another system."""

    code = "CKAN_NOT_THERE"


class CkanDatasetTaken(KsbbError):
    """A dataset of our name is in the way: another organisation's, or deleted."""

    code = "CKAN_DATASET_TAKEN"


class CkanReleaseWithdrawn(KsbbError):
    """The release was withdrawn from this portal, and is not published there again."""

    code = "CKAN_RELEASE_WITHDRAWN"


class CkanServesOtherBytes(KsbbError):
    """What the portal gives back is not what the release holds."""

    code = "CKAN_SERVES_OTHER_BYTES"


class CkanUnsure(KsbbError):
    """A call failed so that it may or may not have been carried out. Its subclasses say how.

    A reading call is repeated. After a writing one the state is read again, and only what is left is done.
    """

    code = "CKAN_UNSURE"


class CkanUnreachable(CkanUnsure):
    """No connection to the portal, or one that broke."""

    code = "CKAN_UNREACHABLE"


class CkanTimedOut(CkanUnsure):
    """The portal took too long."""

    code = "CKAN_TIMED_OUT"


class CkanFailing(CkanUnsure):
    """The portal, its search engine or a proxy before it failed (5xx), or asked to be left alone for a while (429)."""

    code = "CKAN_FAILING"


class CkanDatasetChanged(CkanUnsure):
    """Somebody else changed the dataset between our look at it and our change; nothing was changed by us."""

    code = "CKAN_DATASET_CHANGED"
