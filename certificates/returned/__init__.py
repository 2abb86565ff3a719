"""Documents that come back signed: what was added to what was issued, and by whom.

Everything here parses files of others, so it is called through ``common.bounded`` alone.
"""
