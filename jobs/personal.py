"""What jobs and their queue hold about a person, column by column."""

from common.personal_fields import Erased, Impersonal, Personal, PersonalModel

_WORK = "how a piece of work went, for those who asked for it"

PERSONAL = (
    PersonalModel(
        "jobs.Job",
        "",
        (
            Personal("result", Erased.IN_APP, why=_WORK),
            Personal("error", Erased.IN_APP, why=_WORK),
            Personal("payload", Erased.IN_APP, why=_WORK),
            *(
                Personal(name, Erased.STAYS, why=_WORK)
                for name in ("kind", "owner_state", "language", "error_code")
            ),
            Personal("actor_label", Erased.STAYS, why="an officer's name; a trainee's number"),
        ),
        user="owner",
    ),
    Impersonal("jobs.WorkerHeartbeat", "machines"),
    Impersonal("jobs.TimedTaskRun", "names of timed tasks"),
    PersonalModel(
        "jobs.StoredResult",
        "",
        (
            Personal("content", Erased.IN_APP, why="figures of a page, computed again at night"),
            Personal("kind", Erased.STAYS, why=_WORK),
            Personal("key", Erased.STAYS, why=_WORK),
        ),
        user="job__owner",
    ),
    Impersonal(
        "django_tasks_database.DBTaskResult",
        "names and keys of jobs, for a week; names in a traceback are erased",
    ),
)
