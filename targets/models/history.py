from django.db import models
from django.utils.translation import gettext_lazy as _


class Versioned(models.Model):
    """A row whose former values stay as rows of their own, for replays.

    ``replaced_by`` of a former row is the current one. ``believed_from`` is empty for what was in
    force before it was entered here; ``change_reason`` says why this version came about.
    """

    believed_from = models.DateTimeField(null=True, editable=False)
    believed_until = models.DateTimeField(null=True, editable=False)
    replaced_by = models.ForeignKey(
        "self", null=True, on_delete=models.CASCADE, related_name="earlier", editable=False
    )
    change_reason = models.CharField(
        _("reason for the change"), max_length=250, blank=True, editable=False
    )

    class Meta:
        abstract = True
