"""Certificates of several classes or of a period through the API."""

import io
import zipfile

import pytest
from django.core.files.base import ContentFile

from accounts.choices import Role
from certificates.models import Bundle, Certificate
from jobs import services as jobs
from tests.api.world import make_world
from tests.certificates.test_bundles import page_of
from tests.factories import make_coordinator, make_user


@pytest.fixture
def world(db):
    world = make_world()
    for one in Certificate.objects.all():
        one.file.save(f"{one.pk}.pdf", ContentFile(page_of("x")), save=False)
        Certificate.objects.filter(pk=one.pk).update(file=one.file.name)
    return world


def test_certificates_of_classes_come_as_one_zip_and_one_pdf(world, office):
    asked = office.post("certificates/bundles/", {"runs": [world.run.code]})
    assert asked.status_code == 201
    one = f"certificates/bundles/{asked.json()['id']}/"
    assert office.get(one).json()["is_ready"] is False
    assert office.get(f"{one}archive/").status_code == 409
    jobs.run(asked.json()["job"])
    ready = office.get(one).json()
    assert (ready["is_ready"], ready["certificates"]) == (True, 1)
    content = b"".join(office.get(f"{one}archive/").streaming_content)
    (name,) = zipfile.ZipFile(io.BytesIO(content)).namelist()
    assert name.startswith(world.run.code)
    assert b"".join(office.get(f"{one}merged/").streaming_content).startswith(b"%PDF")
    assert [row["id"] for row in office.get("certificates/bundles/").json()["results"]] == [
        ready["id"]
    ]


def test_a_period_must_begin_somewhere_and_end_later(world, office):
    assert list(office.post("certificates/bundles/", {}).json()["fields"]) == ["runs"]
    back = {"since": "2026-05-01", "until": "2026-04-01"}
    assert list(office.post("certificates/bundles/", back).json()["fields"]) == ["until"]
    unknown = office.post("certificates/bundles/", {"runs": ["KHONG-CO"]})
    assert "runs" in unknown.json()["fields"]
    assert not Bundle.objects.exists()


def test_the_bundle_of_somebody_else_does_not_exist(world, office, api):
    code = office.post("certificates/bundles/", {"runs": [world.run.code]}).json()["id"]
    other = api(make_coordinator(world.agency))
    assert other.get(f"certificates/bundles/{code}/").status_code == 404
    assert other.get("certificates/bundles/").json()["results"] == []
    assert api(make_user(Role.TRAINEE)).get("certificates/bundles/").status_code == 403
