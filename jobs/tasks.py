"""What the queue calls."""

from django_tasks import task

from jobs import services


@task()
def run_job(job_id: str) -> None:
    """Do the work of a job; its outcome stands in the job's own row."""
    services.run(job_id)
