from typing import Any

import environ

# Nobody waits longer for a server of caches that has stopped to answer.
SECONDS = 3


def cache_settings(env: environ.Env) -> dict[str, Any]:
    """What could be guessed is counted where all processes see it: in the database unless a server
    of caches is named. Calls of the API are counted there only then: each would write to the
    database.
    """
    caches: dict[str, Any] = {
        "default": env.cache("CACHE_URL", default="dbcache://shared_cache?max_entries=100000"),
        "calls": env.cache("CACHE_URL", default="locmemcache://calls?max_entries=10000"),
    }
    for cache in caches.values():
        if cache["BACKEND"].endswith("RedisCache"):
            cache["OPTIONS"] = {"socket_timeout": SECONDS, "socket_connect_timeout": SECONDS}
    return caches
