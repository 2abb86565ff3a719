"""For gunicorn: ``--logger-class lms.gunicorn_logging.RedactingLogger``."""

import logging
from typing import Any

from gunicorn.glogging import Logger

from common.secret_paths import RedactingFormatter


class RedactingLogger(Logger):
    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                given = handler.formatter or logging.Formatter()
                handler.setFormatter(RedactingFormatter(given._fmt, given.datefmt))
