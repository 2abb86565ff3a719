"""Django's backend for PostgreSQL, which asks the server nothing before each request."""

import select

from django.db.backends.postgresql import base


class DatabaseWrapper(base.DatabaseWrapper):
    def is_usable(self) -> bool:
        """What the server sent unasked is looked at: it says goodbye when it closes a connection.

        Django's own asks for ``SELECT 1``, a tenth of a short request. A server that vanished
        without a word is found by neither.
        """
        connection = self.connection
        if connection is None or connection.closed or connection.broken:
            return False
        server = select.poll()  # select.select knows no file beyond the first 1,024
        server.register(connection.fileno(), select.POLLIN)
        return super().is_usable() if server.poll(0) else True
