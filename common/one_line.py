"""Names and titles of one line, as papers print them."""

from typing import Any

from django.db import models

from common.vietnamese import tidy


class OneLineField(models.CharField[str, str]):
    """Always stored tidy: pasted text brings invisible characters."""

    def to_python(self, value: Any) -> Any:
        text = super().to_python(value)
        return tidy(text) if isinstance(text, str) else text

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = super().pre_save(model_instance, add)
        if isinstance(value, str):
            value = tidy(value)
            setattr(model_instance, self.attname, value)
        return value

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        """For ``update()`` and bulk writes, which skip ``pre_save``."""
        text = tidy(value) if isinstance(value, str) else value
        return super().get_db_prep_save(text, connection)

    def deconstruct(self) -> Any:
        """As the CharField that it is to the database."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", args, kwargs
