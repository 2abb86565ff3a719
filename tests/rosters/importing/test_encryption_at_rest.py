"""Where tables stood rested in clear once: nothing of it is left."""

import json

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from rosters.models import RosterImport, ToldHeading
from tests.architecture.world import make_roster
from tests.factories import make_agency, make_run

NAME = "Tôn Nữ Hỷ Khương"


def stored() -> str:
    with connection.cursor() as cursor:
        cursor.execute('SELECT "table" FROM rosters_rosterimport')
        return str(cursor.fetchall())


@pytest.mark.django_db
def test_where_a_table_stands_rests_encrypted():
    upload = make_roster(make_run(), make_agency(), None, table={"headings": {"0": NAME}})
    assert "headings" not in stored()
    assert RosterImport.objects.get(pk=upload.pk).table == {"headings": {"0": NAME}}


@pytest.mark.both_engines
@pytest.mark.django_db(transaction=True)
def test_what_stood_in_clear_is_sealed_and_headings_are_forgotten():
    executor, table = MigrationExecutor(connection), {"headings": {"0": NAME}}
    upload = make_roster(make_run(), agency := make_agency(), None)
    ToldHeading.objects.create(agency=agency, heading_key="ton nu hi khuong", field="full_name")
    executor.migrate([("rosters", "0002_parts_know_what_was_entered")])
    with connection.cursor() as cursor:
        cursor.execute('UPDATE rosters_rosterimport SET "table" = %s', [json.dumps(table)])
    executor.loader.build_graph()
    executor.migrate(executor.loader.graph.leaf_nodes())
    assert "headings" not in stored()
    assert RosterImport.objects.get(pk=upload.pk).table == table
    assert not ToldHeading.objects.exists()
