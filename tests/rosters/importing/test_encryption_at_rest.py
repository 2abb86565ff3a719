"""The table of an upload may contain personal data and is stored encrypted."""

import pytest
from django.db import connection

from rosters.models import RosterImport
from tests.architecture.world import make_roster
from tests.factories import make_agency, make_run

NAME = "Tôn Nữ Hỷ Khương"


def stored() -> str:
    with connection.cursor() as cursor:
        cursor.execute('SELECT "table" FROM rosters_rosterimport')
        return str(cursor.fetchall())


@pytest.mark.django_db
def test_the_table_of_an_upload_is_stored_encrypted():
    upload = make_roster(make_run(), make_agency(), None, table={"headings": {"0": NAME}})
    assert "headings" not in stored()
    assert RosterImport.objects.get(pk=upload.pk).table == {"headings": {"0": NAME}}
