from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST
from django.views.i18n import set_language

from accounts.choices import Language
from accounts.models import User
from common.access import ANYBODY, allow


@allow(ANYBODY)
@require_POST
def switch_language(request: HttpRequest) -> HttpResponse:
    """Remember the choice in a cookie and, for the language of mails, in the account."""
    response = set_language(request)
    language = request.POST.get("language", "")
    if request.user.is_authenticated and language in Language.values:
        User.objects.filter(pk=request.user.pk).update(language=language)
    return response
