from django.db import migrations, models

import common.record_time


class Migration(migrations.Migration):
    dependencies = [("enrollment", "0001_initial")]

    operations = [
        # The default is Python's: nothing changes in the database.
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    "completion",
                    "recorded_at",
                    models.DateTimeField(default=common.record_time.now),
                ),
                migrations.AlterField(
                    "completionsplitassignment",
                    "recorded_at",
                    models.DateTimeField(default=common.record_time.now),
                ),
            ]
        ),
    ]
