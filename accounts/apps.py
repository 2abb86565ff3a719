from importlib import import_module

from django.apps import AppConfig

from accounts.personal import PERSONAL
from common.mail_links import link_makers
from common.personal_data import PersonalDataHandler, personal_data_handlers
from common.personal_fields import personal_fields
from common.registries import Deferred, TimedTask, account_lookups, timed_tasks


class AccountsConfig(AppConfig):
    name = "accounts"

    def ready(self) -> None:
        personal_fields.register("accounts", PERSONAL)
        import_module("accounts.signals")
        links = "accounts.services.mailed_links"
        invitation = Deferred("accounts.services.invitations.link_for_delivery")
        link_makers.register("invitation", invitation)
        link_makers.register("password_reset", Deferred(f"{links}.password_reset"))
        link_makers.register("address_proof", Deferred(f"{links}.address_proof"))
        change = Deferred("accounts.services.addresses.link_for_delivery")
        link_makers.register("address_change", change)
        personal_data_handlers.register(
            "accounts", PersonalDataHandler(erase=Deferred("accounts.services.privacy.erase"))
        )
        account_lookups.register(
            "staff_number", Deferred("accounts.services.single_sign_on.account_with_staff_number")
        )
        forget = Deferred("accounts.services.forget_answers")
        sessions = Deferred("accounts.sessions.forget_expired")
        timed_tasks.register("forget_sessions", TimedTask(sessions, seconds=3600))
        timed_tasks.register("forget_api_answers", TimedTask(forget, seconds=3600))
        daily_heads = Deferred("accounts.services.auditors.send_daily_head")
        timed_tasks.register("tell_auditors", TimedTask(daily_heads, seconds=900))
