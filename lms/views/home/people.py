"""People by how far they are with the programme, each part with a link to its list."""

from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import User
from common import formats
from enrollment.services.people import people_listed_for
from people.choices import TrainingStatus
from profiles.training_status import TrainingStatuses


def people_by_status(user: User, agency: str = "") -> dict[str, Any]:
    """``agency``: the slug of one, else of all whose people the user sees."""
    asked = {"agency": agency} if agency else {}
    listed, statuses = people_listed_for(user, **asked), TrainingStatuses()
    counts = {status: statuses.narrow(listed, status).count() for status in TrainingStatus.values}
    total = sum(counts.values())
    widths = [round(300 * counts[status] / total, 1) if total else 0 for status in counts]
    starts = [sum(widths[:number]) for number in range(len(widths))]
    address = reverse("people")
    labels = {"trained": _("trained"), "enrolled": _("enrolled"), "not_yet": _("not yet trained")}
    return {
        "href": f"{address}?{urlencode(asked)}" if asked else address,
        "is_empty": not total,
        "total": formats.number(total),
        "parts": [
            {
                "number": number,
                "label": labels[status],
                "count": formats.number(counts[status]),
                "href": f"{address}?{urlencode({**asked, 'status': status})}",
                "x": start,
                "width": width,
            }
            for number, (status, start, width) in enumerate(
                zip(counts, starts, widths, strict=True), 1
            )
        ],
    }
