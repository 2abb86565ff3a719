"""What becomes of a person's calendars when the person is erased."""

from common.personal_data import Subject
from courses.models import CalendarAddress


def erase(subject: Subject) -> int:
    gone, _by_model = CalendarAddress.objects.filter(user__in=subject.user_ids).delete()
    return int(gone)
