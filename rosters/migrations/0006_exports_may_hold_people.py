import common.encryption
from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("rosters", "0005_uploads_keep_their_letter"),
    ]

    operations = [
        migrations.RenameField(model_name="rosterexport", old_name="places", new_name="held"),
        migrations.AlterField(
            model_name="rosterexport",
            name="held",
            field=common.encryption.EncryptedJSONField(
                null=True,
                help_text="Ids of the places, or people, in the file, known once it is written.",
            ),
        ),
    ]
