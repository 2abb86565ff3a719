from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = (("people", "0008_fill_likeness"),)

    operations = (
        migrations.RemoveIndex(model_name="trainee", name="trainee_likeness_unnumbered"),
        migrations.AddIndex(
            model_name="trainee",
            index=models.Index(
                fields=["likeness_key"],
                condition=models.Q(personal_number_tail=""),
                name="trainee_likeness_unnumbered",
            ),
        ),
    )
