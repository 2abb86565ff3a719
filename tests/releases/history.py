"""The migrations that databases of releases were made with; a new database runs squashed ones."""

from typing import Any

from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader


def walking_executor(connection: Any) -> MigrationExecutor:
    """Knows the migrations that squashed ones replace, and no squashed one."""
    executor = MigrationExecutor(connection)
    loader = executor.loader = MigrationLoader(connection, replace_migrations=False)
    for name, migration in loader.replacements.items():
        loader.graph.remove_replacement_node(name, migration.replaces)
    return executor
