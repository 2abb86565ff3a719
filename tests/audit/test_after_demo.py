"""The record of a whole programme holds, and one byte changed in it is found."""

import pytest
from django.db import connection
from django.test import TestCase

from audit.models import AuditEntry
from audit.services import SYSTEM
from audit.services.seals import seal_pending
from audit.services.verification import verify
from common import append_only
from lms.demo.programme import make_demo
from lms.reference import load_reference


@pytest.mark.both_engines
@pytest.mark.django_db
def test_the_record_of_the_demo_holds_until_one_byte_of_one_row_is_changed(settings):
    settings.DEBUG = True
    load_reference(by=SYSTEM)
    with TestCase.captureOnCommitCallbacks(execute=True):
        make_demo(people=40)
    while seal_pending():
        pass
    whole = verify()
    assert whole.broken_at is None
    assert whole.unsealed == 0
    assert whole.sealed > 100

    ids = list(AuditEntry.objects.order_by("seal__pk").values_list("pk", flat=True))
    changed = ids[len(ids) // 2]
    append_only.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE audit_auditentry "
            "SET actor_label = substr(actor_label, 1, length(actor_label) - 1) || 'X' "
            "WHERE id = %s",
            [changed],
        )
    found = verify()
    assert (found.broken_at, found.sealed) == (changed, len(ids) // 2)
