from django.urls import path

from notices import views

urlpatterns = [
    path("messages/", views.message_outbox, name="message_outbox"),
    path("messages/again/", views.send_messages_again, name="send_messages_again"),
    path("messages/texts/", views.message_texts, name="message_texts"),
    path("messages/texts/<slug:kind>/<str:language>/", views.message_text, name="message_text"),
    path(
        "messages/texts/<slug:kind>/<str:language>/reset/",
        views.reset_message_text,
        name="reset_message_text",
    ),
]
