"""The small stored database of a release: written once, upgraded by a test ever after.

With DATABASE_URL naming an empty database:

    python -m tests.releases.database write 1.0.0      makes the database and stores it
    python -m tests.releases.database upgrade 1.0.0    loads it, upgrades it, prints the figures
    python -m tests.releases.database walk             makes tables by each migration in turn

A stored database is ``VERSION.json.gz``: its migrations, the rows of every table as Django's own
serializer gives them, and the figures that any later version must still find. All people in it are
made up; keys, passwords and second factors are left out.
"""
# ruff: noqa: E402 - a script sets up Django before it imports our apps

import gzip
import json
import sys
from pathlib import Path
from typing import Any

import django

django.setup()

from django.apps import apps
from django.core import serializers
from django.core.management import call_command
from django.core.management.color import no_style
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder

from audit.services import SYSTEM
from common.encryption import EncryptedJSONField
from counting.cache import rebuild_cache
from counting.counter import counted
from counting.groups import groups
from counting.replay import GroupBy
from lms.demo.programme import make_demo
from lms.reference import load_reference
from targets.progress import as_json, reconcile
from tests.releases.history import walking_executor

FOLDER = Path(__file__).parent
PEOPLE = 12
SECRETS = frozenset({"mfa.authenticator", "accounts.session"})  # not needed, so not stored
BLANK = {"certificates.key": ("secret",), "accounts.user": ("password",)}


def stored(version: str) -> Path:
    return FOLDER / f"{version}.json.gz"


def figures() -> dict[str, Any]:
    """What an upgrade must not change."""
    count = counted()
    return {
        "progress": as_json(count, by=GroupBy.SECTOR)["by_sector"],
        "persons": count.persons,
        "completions": count.completions,
        "by_month": {group.key: group.persons for group in groups(count, GroupBy.MONTH)},
        "is_reconciled": reconcile().ok,
        "rows": {
            name: apps.get_model(name)._base_manager.count()
            for name in ("people.Trainee", "enrollment.Enrollment", "certificates.Certificate")
        },
    }


def write(version: str) -> None:
    call_command("migrate", verbosity=0)
    load_reference(by=SYSTEM)
    make_demo(people=PEOPLE, seed=1)
    content = {
        "migrations": sorted(MigrationRecorder(connection).applied_migrations()),
        "figures": figures(),
        "rows": [
            _without_secrets(row)
            for model in apps.get_models()
            if model._meta.managed and not model._meta.proxy
            if model._meta.label_lower not in SECRETS
            for row in serializers.serialize("python", model._base_manager.order_by("pk"))
        ],
    }
    text = json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False, sort_keys=True)
    stored(version).write_bytes(gzip.compress(text.encode(), mtime=0))


def _without_secrets(row: dict[str, Any]) -> dict[str, Any]:
    for name in BLANK.get(row["model"], ()):
        row["fields"][name] = None if row["fields"][name] is None or name == "secret" else ""
    return row


def upgrade(version: str) -> None:
    """Load a release's database into its own tables, bring them up to date, print the figures."""
    content = json.loads(gzip.decompress(stored(version).read_bytes()))
    load_release(content)
    call_command("migrate", verbosity=0)
    rebuild_cache()
    json.dump({"before": content["figures"], "after": figures()}, sys.stdout)


def walk() -> None:
    """One migration after the other, with none left out for a squashed one."""
    executor = walking_executor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    call_command("migrate", verbosity=0)


def load_release(content: dict[str, Any]) -> None:
    executor = walking_executor(connection)
    of_release = {tuple(name) for name in content["migrations"]}
    leaves = [node for node in of_release if not _followers(executor, node) & of_release]
    state = executor.migrate(leaves)
    with transaction.atomic():
        _load(state.apps, content["rows"])


def _followers(executor: MigrationExecutor, node: tuple[str, str]) -> set[tuple[str, str]]:
    return {child.key for child in executor.loader.graph.node_map[node].children}


def _load(of_release: Any, rows: list[dict[str, Any]]) -> None:
    """Rows into the tables as they were then; constraints are checked at the end of it."""
    for model in of_release.get_models(include_auto_created=True):
        model._base_manager.all().delete()
    many: list[tuple[Any, Any, str, list[Any]]] = []
    loaded = set()
    for row in rows:
        model = of_release.get_model(row["model"])
        values = {}
        for name, value in row["fields"].items():
            field = model._meta.get_field(name)
            if isinstance(field, models.ManyToManyField):
                many.append((model, row["pk"], name, value))
            else:
                values[field.attname] = _value(field, value)
        model._base_manager.bulk_create([model(pk=row["pk"], **values)])
        loaded.add(model)
    for model, pk, name, keys in many:
        getattr(model._base_manager.get(pk=pk), name).set(keys)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(loaded)):
            cursor.execute(statement)


def _value(field: Any, value: Any) -> Any:
    if isinstance(field, EncryptedJSONField):
        return value if value is None else json.loads(value)
    return (field.target_field if field.remote_field else field).to_python(value)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["write", version]:
            write(version)
        case ["upgrade", version]:
            upgrade(version)
        case ["walk"]:
            walk()
        case _:
            sys.exit(__doc__)
