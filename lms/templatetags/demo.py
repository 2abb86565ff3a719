"""Who can be signed in as with one press on the demo's sign-in page."""

from django import template
from django.conf import settings

from lms.demo.signins import SignIn, sign_ins

register = template.Library()


@register.simple_tag
def demo_sign_ins() -> list[SignIn]:
    return sign_ins() if settings.DEBUG else []
