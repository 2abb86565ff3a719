"""Filters of lists that users keep for themselves."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.errors import AccountError, AccountInputError
from accounts.models import SavedFilter, User
from audit.services import Actor, audit_details, audited
from common.constraints import violation_as
from common.public_text import may_hold_identity_number
from common.vietnamese import tidy

MOST_FILTERS = 20  # of one user and list
LONGEST = 500  # characters of one filter, as in an address


@audited("filter_saved")
def save_filter(
    *, by: Actor, user: User, page: str, name: str, asked: Mapping[str, Sequence[str]]
) -> tuple[SavedFilter, bool]:
    """The filter, and whether it is new: one of the same name is replaced.

    Raises AccountError ``number_in_filter``, ``filter_too_long``, ``too_many_filters``.
    """
    _refuse_number(name, *asked, *chain.from_iterable(asked.values()))
    plain: Any = {field: list(values) for field, values in asked.items()}
    saved = SavedFilter(user=user, page=page, name=tidy(name), asked=plain)
    if len(saved.query) > LONGEST:
        raise AccountInputError(
            "filter_too_long", _("This filter is too long to be saved: choose fewer values.")
        )
    User.objects.select_for_update().get(pk=user.pk)  # two at once are counted one by one
    audit_details(page=page)
    own = SavedFilter.objects.filter(user=user, page=page)
    if same := own.filter(name=saved.name).first():
        same.asked = saved.asked
        same.save(update_fields=["asked"])
        return same, False
    if own.count() >= MOST_FILTERS:
        text = _("You can save at most %(most)s filters for one list: remove one first.")
        raise AccountError("too_many_filters", text % {"most": MOST_FILTERS})
    saved.save()
    return saved, True


@audited("filter_renamed")
def rename_filter(*, by: Actor, saved: SavedFilter, name: str) -> None:
    """Raises AccountError ``number_in_filter``, ``filter_name_taken``."""
    _refuse_number(name)
    text = _("You have already saved a filter of this list under this name.")
    with violation_as(AccountError, "filter_name_taken", text), transaction.atomic():
        SavedFilter.objects.filter(pk=saved.pk).update(name=name)
    audit_details(page=saved.page)


@audited("filter_removed")
def remove_filter(*, by: Actor, saved: SavedFilter) -> None:
    audit_details(page=saved.page)
    saved.delete()


def _refuse_number(*texts: str) -> None:
    if any(map(may_hold_identity_number, texts)):
        raise AccountInputError(
            "number_in_filter",
            _("What may be a personal number cannot be saved: use a name or a trainee code."),
        )
