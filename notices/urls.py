from django.urls import path

from notices import notification_views, views

urlpatterns = [
    path("notifications/", notification_views.notification_list, name="notifications"),
    path("notifications/read/", notification_views.read_notifications, name="read_notifications"),
    path("notifications/settings/", notification_views.mail_choices, name="mail_choices"),
    path("notifications/stop/<str:token>/", notification_views.unsubscribe, name="unsubscribe"),
    path("messages/", views.message_outbox, name="message_outbox"),
    path("messages/again/", views.send_messages_again, name="send_messages_again"),
    path("messages/pause/", views.pause_messages, name="pause_messages"),
    path("messages/resume/", views.resume_messages, name="resume_messages"),
    path("messages/addresses/", views.undeliverable_addresses, name="undeliverable_addresses"),
    path("messages/addresses/again/", views.try_address_again, name="try_address_again"),
    path("messages/reminders/", views.reminder_days, name="reminder_days"),
    path(
        "messages/reminders/<slug:kind>/", views.change_reminder_days, name="change_reminder_days"
    ),
    path("messages/bounces/<str:secret>/", views.take_bounce, name="take_bounce"),
    path("messages/texts/", views.message_texts, name="message_texts"),
    path("messages/texts/<slug:kind>/<str:language>/", views.message_text, name="message_text"),
    path(
        "messages/texts/<slug:kind>/<str:language>/reset/",
        views.reset_message_text,
        name="reset_message_text",
    ),
]
