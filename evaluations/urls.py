from django.urls import URLPattern, include, path, re_path

from evaluations.views import answering, effect, overview, runs

_evaluation: list[URLPattern] = [
    path("", runs.evaluation_page, name="run_evaluation"),
    path("plan/", runs.plan_page, name="plan_evaluation"),
    path("close/", runs.close_page, name="close_evaluation"),
    path("form.pdf", runs.paper_page, name="evaluation_paper"),
    path("forms.xlsx", runs.sheet_page, name="evaluation_sheet"),
    path("file/", runs.take_sheet, name="take_evaluations"),
    path("type/", runs.type_page, name="type_evaluation"),
    path("discard/", runs.discard_page, name="discard_evaluations"),
    path("results/", runs.results_page, name="evaluation_results"),
    re_path(r"^report\.(?P<form>pdf|xlsx)$", runs.report_file, name="evaluation_report"),
]
_effect = [
    path("", effect.effect_page, name="effect"),
    path("rule/", effect.rule_page, name="follow_up_rule"),
    path("examples/", effect.examples_page, name="effect_examples"),
    path("examples/<int:pk>/", effect.example_page, name="effect_example"),
    path("examples/<int:pk>/file", effect.example_file, name="example_file"),
]
urlpatterns = [
    path("runs/<str:code>/evaluation/", include(_evaluation)),
    path("evaluations/", overview.evaluations_page, name="evaluations"),
    path("evaluations/forms/", overview.forms_page, name="evaluation_forms"),
    path("evaluations/forms/new/", overview.new_form, name="new_evaluation_form"),
    path("evaluations/forms/<int:pk>/", overview.form_page, name="evaluation_form"),
    path("evaluations/forms/<int:pk>/form.xlsx", overview.form_file, name="evaluation_form_file"),
    path("evaluations/texts/<uuid:pk>/", runs.text_page, name="evaluation_text"),
    path("evaluations/answer/<str:token>/", answering.answer_page, name="answer_evaluation"),
    path("effect/", include(_effect)),
    path("examples/", effect.published_examples, name="published_examples"),
    path("my/follow-ups/", effect.my_follow_ups, name="my_follow_ups"),
    path("my/follow-ups/<int:pk>/", effect.answer_follow_up, name="answer_follow_up"),
    path("my/manager/", effect.my_manager, name="my_manager"),
    path("follow-up/<str:token>/", effect.follow_up_by_link, name="follow_up"),
]
