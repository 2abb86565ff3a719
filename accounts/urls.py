from django.urls import path

from accounts import single_sign_on, views

urlpatterns = [
    # Known to the provider: these addresses stay.
    path("sign-in/oidc/sso/login/", single_sign_on.begin, name="single_sign_on"),
    path("sign-in/oidc/sso/login/callback/", single_sign_on.come_back, name="single_sign_on_back"),
    path("invitation/", views.claim_by_code, name="claim_by_code"),
    path("invitation/<str:token>/", views.claim_by_link, name="claim_by_link"),
    path("accounts/", views.account_list, name="accounts"),
    path("accounts/tokens/", views.own_tokens, name="own_tokens"),
    path("accounts/tokens/<str:digest>/end/", views.end_token, name="end_token"),
    path("accounts/new/", views.new_account, name="new_account"),
    path("accounts/<int:pk>/", views.account_page, name="account"),
    path("accounts/<int:pk>/roles/", views.give_role, name="give_role"),
    path("accounts/<int:pk>/roles/<str:role>/end/", views.take_role, name="take_role"),
    path("accounts/<int:pk>/second-factor/", views.reset_factor, name="reset_second_factor"),
    path("accounts/<int:pk>/staff-number/", views.staff_number, name="staff_number"),
    path("accounts/<int:pk>/<str:deed>/", views.act_on_account, name="act_on_account"),
]
