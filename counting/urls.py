from django.urls import path

from counting.views import explanation, number, rules

urlpatterns = [
    path("targets/number/", number.number_page, name="number"),
    path("targets/number.csv", number.number_csv, name="number_csv"),
    path("explain/<str:code>/", explanation.explain_page, name="explain"),
    path("targets/sample/", explanation.sample_page, name="counted_sample"),
    path("targets/rules/", rules.rule_list, name="counting_rules"),
    path("targets/rules/new/", rules.new_rule, name="new_rule"),
]
