from typing import Any

from django.db import migrations, models

# Who load_reference entered up to now: name, then title.
SAMPLES = ("Trần Quốc Khải", "Lê Thị Minh Hằng")
TITLE = "Bộ trưởng, Vụ trưởng Vụ Tổ chức cán bộ"


def mark_samples(apps: Any, schema_editor: Any) -> None:
    signers = apps.get_model("certificates", "Signer").objects
    signers.filter(name__in=SAMPLES, title=TITLE).update(is_sample=True)


class Migration(migrations.Migration):
    dependencies = (("certificates", "0005_achievements_of_courses"),)
    operations = (
        migrations.AddField(
            "signer",
            "is_sample",
            models.BooleanField(default=False, db_default=False, editable=False),
        ),
        migrations.RunPython(mark_samples, migrations.RunPython.noop),
    )
