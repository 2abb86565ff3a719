from typing import Any

from django.db import migrations

from common.vietnamese import folded_words, search_key

BATCH = 1000


def fill(apps: Any, schema_editor: Any) -> None:
    """Give people on record the key that new ones get with their row."""
    trainees = apps.get_model("people", "Trainee").objects.using(schema_editor.connection.alias)
    people = trainees.exclude(birth_year=None).only("id", "full_name", "birth_year").order_by("id")
    last = 0
    while part := list(people.filter(id__gt=last)[:BATCH]):
        for person in part:
            words = folded_words(search_key(person.full_name))
            person.likeness_key = f"{words} {person.birth_year}"
        trainees.bulk_update(part, ["likeness_key"], batch_size=BATCH // 4)
        last = part[-1].id


class Migration(migrations.Migration):
    dependencies = (("people", "0007_people_alike"),)

    operations = (migrations.RunPython(fill, migrations.RunPython.noop),)
