from common.personal_fields import Impersonal

_FIGURES = "rules and figures, no persons"

PERSONAL = tuple(
    Impersonal(f"counting.{model}", _FIGURES)
    for model in ("Indicator", "CountingRule", "CachedTotal")
)
