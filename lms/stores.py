from typing import Any

import environ


def file_store(env: environ.Env) -> dict[str, Any]:
    """This machine's disk, or for several machines without a shared one an S3 store.

    Files are read by our views alone, which ask for the reader's rights.
    """
    if bucket := env.str("S3_BUCKET", default=""):
        return s3_store(env, bucket)
    return {"BACKEND": "django.core.files.storage.FileSystemStorage"}


def s3_store(env: environ.Env, bucket: str) -> dict[str, Any]:
    """Settings of a private S3 store. One that does not answer fails the request, not the site."""
    from botocore.config import Config

    timeouts = Config(
        connect_timeout=3,
        read_timeout=20,
        retries={"max_attempts": 3, "mode": "standard"},
        signature_version="s3v4",
        # Only what the store asks for: not every S3-compatible one knows the newer checksums.
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    return {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": bucket,
            "endpoint_url": env.str("S3_ENDPOINT", default=None),
            "region_name": env.str("S3_REGION", default=None),
            "access_key": env.str("S3_ACCESS_KEY", default=None),
            "secret_key": env.str("S3_SECRET_KEY", default=None),
            "default_acl": "private",
            "file_overwrite": False,
            "client_config": timeouts,
        },
    }
