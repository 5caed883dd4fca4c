"""Every kind of file that can be imported, by the name that the command line takes."""

from __future__ import annotations

from collections.abc import Mapping

from imports.kind import Kind
from imports.permits import PERMITS
from imports.places import PLACES
from imports.population import POPULATION
from imports.recipients import RECIPIENTS
from imports.repayments import REPAYMENTS

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (RECIPIENTS, PERMITS, PLACES, REPAYMENTS, POPULATION)}
