from typing import Any

from django.db.models import QuerySet


def rows_behind(rows: QuerySet[Any], *path: str) -> Any:
    """The default manager of the model that a path of relations leads to.

    For querysets: models import them, so that they cannot import models of their own app.
    """
    model: Any = rows.model
    for name in path:
        model = model._meta.get_field(name).related_model
    return model._default_manager
