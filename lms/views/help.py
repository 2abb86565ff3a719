from django.http import HttpResponse
from django.shortcuts import render

from accounts.http import AuthenticatedHttpRequest
from common.access import SIGNED_IN, allow
from lms.help import FIGURES, GUIDE, guide_for


@allow(SIGNED_IN)
def help_page(request: AuthenticatedHttpRequest) -> HttpResponse:
    """The guide for the reader's roles, then what the pages of figures show."""
    roles = request.user.roles
    context = {"guide": guide_for(roles, GUIDE), "figures": guide_for(roles, FIGURES)}
    return render(request, "lms/help.html", context)
