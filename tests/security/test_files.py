"""Where each stored file is given out, and under which name."""

import re

import pytest
from django.apps import apps
from django.conf import settings
from django.db.models import FileField
from django.test import Client

from accounts.models import User
from tests.architecture.test_access import RIGHTS
from tests.architecture.world import make_world
from tests.security.test_other_agencies import addresses

# The address that gives a file out, or why none does.
GIVEN_OUT_BY = {
    "retention.ArchivePackage.file": "archive_package_file",
    "targets.TaskReport.proof": "task_proof",
    "targets.IndicatorValue.evidence": "",  # the paper behind a value stays with the office
    "certificates.Certificate.file": "certificate_file",
    "certificates.AttendanceConfirmation.file": "attendance_confirmation_file",
    "certificates.Duplicate.file": "duplicate_file",
    "certificates.Batch.merged": "run_certificates_file",
    "certificates.Bundle.archive": "certificate_bundle_file",
    "certificates.Bundle.merged": "certificate_bundle_file",
    "enrollment.ClassMessageFile.file": "class_message_file",
    "enrollment.NominationLetter.file": "",  # kept; no page gives it out yet
    "enrollment.PaperEvidence.file": "scan_file",
    "evaluations.FollowUp.file": "example_file",
    "courses.Material.file": "material_file",
    "learning.UnitVersion.file": "unit_file",
    "courses.OfficialDecision.file": "decision_file",
}


def file_fields() -> set[str]:
    return {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if isinstance(field, FileField)
    }


def test_every_file_field_has_one_view_which_is_in_the_table_of_rights():
    assert file_fields() == set(GIVEN_OUT_BY), "say in GIVEN_OUT_BY which address gives it out"
    routes = {route for _method, route in RIGHTS}
    assert {route for route in GIVEN_OUT_BY.values() if route} <= routes


def test_stored_files_lie_outside_of_what_the_web_server_shows():
    assert not str(settings.MEDIA_ROOT).startswith(str(settings.STATIC_ROOT))


@pytest.mark.django_db
def test_every_download_has_a_plain_name():
    """No path, no line break, no quote gets out of the name that a browser is told."""
    world = make_world()
    client = Client(raise_request_exception=False)
    client.force_login(world.visitors["office"] or User())
    names = {}
    for route, address in addresses(world):
        told = client.get(address).headers.get("Content-Disposition", "")
        if told:
            names[route] = told
    plain = re.compile(
        r"""(?:attachment|inline); filename(?:="[^"/\\\r\n]+"|\*=utf-8''[\w.%~-]+)"""
    )
    assert {r: told for r, told in names.items() if not plain.fullmatch(told)} == {}
    assert len(names) > 8
