"""What the API reads and writes: JSON."""

import json
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import JSONParser as RestFrameworkJSONParser
from rest_framework.request import Request


class JSONParser(RestFrameworkJSONParser):
    def parse(self, *args: Any, **kwargs: Any) -> Any:
        try:
            parsed = super().parse(*args, **kwargs)
            # Half a pair of surrogates can be stored nowhere, nor be named in an answer.
            json.dumps(parsed, ensure_ascii=False).encode()
        except RecursionError:
            raise exceptions.ParseError(_("The body is nested too deeply.")) from None
        except (UnicodeEncodeError, exceptions.ParseError):
            # The library's sentence is English and quotes Python.
            raise exceptions.ParseError(_("The body is not valid JSON.")) from None
        return parsed


class IgnoreAcceptNegotiation(DefaultContentNegotiation):
    """Answers in JSON also to browsers and programs that prefer something else."""

    def select_renderer(self, request: Request, renderers: Any, format_suffix: Any = None) -> Any:
        return renderers[0], renderers[0].media_type
