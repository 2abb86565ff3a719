"""Signed heads; a chain that was sealed before they existed is signed at its end."""

from django.db import migrations, models

from audit.signing import sign
from common import clock


def sign_the_chain(apps, schema_editor):
    seals = apps.get_model("audit", "AuditSeal").objects
    last = seals.order_by("-id").first()
    if last is None:
        return
    now = clock.now()
    head = sign(
        number=1,
        length=seals.count(),
        chain_hash=last.chain_hash,
        sealed_at=now.astimezone(clock.UTC).isoformat(),
    )
    apps.get_model("audit", "AuditHead").objects.create(
        number=1,
        length=head.length,
        chain_hash=head.hash,
        sealed_at=now,
        key_id=head.key,
        signature=head.signature,
    )


class Migration(migrations.Migration):
    dependencies = [("audit", "0002_entries_by_time")]

    operations = [
        migrations.CreateModel(
            name="AuditHead",
            fields=[
                ("number", models.PositiveBigIntegerField(primary_key=True, serialize=False)),
                ("length", models.PositiveBigIntegerField(unique=True)),
                ("chain_hash", models.CharField(max_length=64)),
                ("sealed_at", models.DateTimeField()),
                ("key_id", models.CharField(max_length=16)),
                ("signature", models.CharField(max_length=88)),
                ("time_stamp", models.BinaryField(null=True)),
                ("stamped_at", models.DateTimeField(null=True)),
            ],
            options={"ordering": ("number",)},
        ),
        migrations.RunPython(sign_the_chain, migrations.RunPython.noop),
    ]
