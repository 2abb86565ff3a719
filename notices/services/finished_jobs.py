from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from common.mail_marks import MailMarks
from jobs.job_types import job_types
from jobs.models import Job, JobState
from notices.models import Notice
from notices.services.routing import Draft, route


def tell_owner(job: Job) -> None:
    """Of work that is done or has failed: in the product alone, since it was asked for there."""
    job_type = job_types[job.kind]
    is_mailed = job.state == JobState.DONE and job_type.mails_result
    if job.owner is None or not job_type.label or is_mailed:
        return
    with translation.override(job.owner.language):
        values = {"work": job_type.label}
        is_done = job.state == JobState.DONE
        subject = _("%(work)s: done") if is_done else _("%(work)s: could not be done")
        notice = Notice(
            kind="job",
            recipient=job.owner.email,
            language=job.owner.language,
            subject=(subject % values)[:250],
            body=job.error_message,
        )
    marks = MailMarks(account=job.owner.pk, path=reverse("job", args=[job.pk]), in_mail=False)
    Notice.objects.bulk_create(route([Draft(notice, marks)]))
