from typing import Any

from rest_framework import serializers

from jobs.models import Job, JobState


class JobSerializer(serializers.Serializer[Any]):
    """Long work: ask ``jobs/{id}/`` again until its state is done, failed or cancelled."""

    id = serializers.UUIDField()
    kind = serializers.CharField()
    state = serializers.ChoiceField(choices=JobState.choices)
    done = serializers.IntegerField()
    total = serializers.IntegerField(help_text="0: not known yet.")
    error = serializers.SerializerMethodField(help_text="Why it failed; empty otherwise.")
    page = serializers.SerializerMethodField(help_text="Where its result is, once it is done.")

    def get_error(self, job: Job) -> str:
        return job.error_message

    def get_page(self, job: Job) -> str:
        return str((job.result or {}).get("page", ""))
