"""Whether a document fits a schema, told soon however it was written.

graphql-core looks for words alike for each name that is unknown: 350 unknown input fields took 0.2 s (version
3.3.2). So few errors are looked for, and suggestions are made when there are few indeed.
"""

from __future__ import annotations

import re

from graphql import (
    ASTValidationRule,
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OverlappingFieldsCanBeMergedRule,
    ValidationRule,
    specified_rules,
    validate,
)

from resolvers.aside import rest
from resolvers.overlaps import Overlaps

MOST_ERRORS = 5
WITH_SUGGESTIONS = 3
"""Errors of a document that somebody wrote with a slip or two."""

_ON_A_NAME = re.compile("Cannot query|Unknown|Value|Expected value|Field ")
"""How errors begin to which graphql-core knows suggestions."""


class _Resting(ValidationRule):
    """No rule: at each part of a document, a moment for others."""

    def enter(self, *_: object) -> None:
        rest()


_RULES: list[type[ASTValidationRule]] = [
    _Resting,
    *(Overlaps if rule is OverlappingFieldsCanBeMergedRule else rule for rule in specified_rules),
]


def validation_errors(schema: GraphQLSchema, document: DocumentNode) -> list[GraphQLError]:
    """What is wrong with a document, the first errors of many; nothing when it fits."""
    errors = validate(schema, document, _RULES, max_errors=MOST_ERRORS, hide_suggestions=True)
    if len(errors) <= WITH_SUGGESTIONS and any(map(_ON_A_NAME.match, (error.message for error in errors))):
        errors = validate(schema, document, _RULES, max_errors=WITH_SUGGESTIONS)
    return errors
