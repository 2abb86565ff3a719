from typing import Any

from django.db import migrations, models


def move_replies(apps: Any, schema_editor: Any) -> None:
    """What was said of a request that is still in hand is a reply, not its answer."""
    database = schema_editor.connection.alias
    requests = apps.get_model("people", "DataRequest").objects.using(database)
    requests.filter(state="replied").update(reply=models.F("answer"), answer="")


class Migration(migrations.Migration):
    dependencies = (("people", "0010_people_let_go"),)

    operations = (
        migrations.AddField(
            "datarequest", "reply", models.TextField(blank=True, default="", verbose_name="reply"),
            preserve_default=False,
        ),
        migrations.RunPython(move_replies, migrations.RunPython.noop),
    )
