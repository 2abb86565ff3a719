from django.urls import path

from counting.views import explanation, rules

urlpatterns = [
    path("explain/<str:code>/", explanation.explain_page, name="explain"),
    path("targets/sample/", explanation.sample_page, name="counted_sample"),
    path("targets/rules/", rules.rule_list, name="counting_rules"),
    path("targets/rules/new/", rules.new_rule, name="new_rule"),
    path("targets/rules/drafts/<slug:digest>/", rules.rule_draft, name="rule_draft"),
]
