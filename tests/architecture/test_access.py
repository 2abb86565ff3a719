"""Who may call which address: one table, and no address without a rule.

A stranger's row is a 404, a missing right a 403. ``in`` leads to sign-in, ``2f`` to setting up
the second factor, ``again`` to giving the password or code once more; ``ok`` is an action that was
done and leads on.
"""

from collections.abc import Iterator

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.architecture.world import World, make_world

TABLE = """
                      nobody trainee trainer other_trainer coordinator other_coord office office_no_2f auditor
GET  home             200    200     200     200           200         200         200    2f           200
GET  open_data_json   200    200     200     200           200         200         200    2f           200
GET  open_data_csv    200    200     200     200           200         200         200    2f           200
GET  help             in     200     200     200           200         200         200    2f           200
GET  search           in     200     200     200           200         200         200    2f           200
POST shortcuts        in     ok      ok      ok            ok          ok          ok     2f           ok
POST demo_sign_in     404    404     404     404           404         404         404    2f           404
GET  saved_filters    in     200     200     200           200         200         200    2f           200
POST new_filter       in     400     400     400           400         400         400    2f           400
GET  saved_filter     in     404     404     404           200         404         404    2f           404
POST saved_filter     in     404     404     404           200         404         404    2f           404
POST remove_saved_filter in  404     404     404           ok          404         404    2f           404
GET  first_steps      in     403     403     403           403         403         200    2f           403
GET  to_approve       in     403     403     403           403         403         200    2f           403
GET  targets          in     200     200     200           200         200         200    2f           200
GET  road_map         in     200     200     200           200         200         200    2f           200
GET  notifications    in     200     200     200           200         200         200    2f           200
POST read_notifications in   ok      ok      ok            ok          ok          ok     2f           ok
GET  mail_choices     in     200     200     200           200         200         200    2f           200
POST mail_choices     in     ok      ok      ok            ok          ok          ok     2f           ok
GET  unsubscribe      200    200     200     200           200         200         200    2f           200
POST unsubscribe      200    200     200     200           200         200         200    2f           200
GET  message_outbox   in     403     403     403           403         403         200    2f           200
POST send_messages_again in  403     403     403           403         403         ok     2f           403
POST pause_messages   in     403     403     403           403         403         ok     2f           403
POST resume_messages  in     403     403     403           403         403         ok     2f           403
GET  undeliverable_addresses in 403  403     403           403         403         200    2f           200
POST try_address_again in    403     403     403           403         403         404    2f           403
GET  reminder_days    in     403     403     403           403         403         200    2f           200
POST change_reminder_days in 403     403     403           403         403         ok     2f           403
POST take_bounce      404    404     404     404           404         404         404    2f           404
GET  message_texts    in     403     403     403           403         403         200    2f           200
GET  message_text     in     403     403     403           403         403         200    2f           403
POST message_text     in     403     403     403           403         403         400    2f           403
POST reset_message_text in   403     403     403           403         403         ok     2f           403
GET  new_target       in     403     403     403           403         403         200    2f           403
POST new_target       in     403     403     403           403         403         400    2f           403
GET  target           in     403     403     403           403         403         200    2f           403
POST target           in     403     403     403           403         403         400    2f           403
POST withdraw_target  in     403     403     403           403         403         400    2f           403
GET  new_quota        in     403     403     403           403         403         200    2f           403
POST new_quota       in     403     403     403           403         403         400    2f           403
GET  quota            in     403     403     403           403         403         200    2f           403
POST quota           in     403     403     403           403         403         400    2f           403
POST remove_quota     in     403     403     403           403         403         400    2f           403
GET  tasks            in     200     200     200           200         200         200    2f           200
GET  new_task         in     403     403     403           403         403         200    2f           403
POST new_task        in     403     403     403           403         403         400    2f           403
GET  task             in     403     403     403           403         403         200    2f           403
POST task            in     403     403     403           403         403         400    2f           403
GET  finish_task      in     403     403     403           403         403         200    2f           403
POST finish_task      in     403     403     403           403         403         400    2f           403
POST reopen_task      in     403     403     403           403         403         ok     2f           403
GET  task_progress    in     403     403     403           200         404         200    2f           200
POST task_progress    in     403     403     403           400         404         400    2f           403
POST answer_task      in     403     403     403           403         404         ok     2f           403
GET  decide_progress  in     403     403     403           403         403         200    2f           403
POST decide_progress  in     403     403     403           403         403         400    2f           403
GET  task_proof       in     403     403     403           200         404         200    2f           200
POST remove_task      in     403     403     403           403         403         400    2f           403
GET  number           in     200     200     200           200         200         200    2f           200
GET  number_csv       in     200     200     200           200         200         200    2f           200
GET  forecast         in     403     403     403           403         403         200    2f           200
GET  indicators       in     200     200     200           200         200         200    2f           200
GET  indicator        in     403     403     403           200         200         200    2f           200
GET  report_value     in     403     403     403           200         200         403    2f           403
POST report_value    in     403     403     403           400         400         403    2f           403
GET  decide_value     in     403     403     403           403         403         200    2f           403
POST decide_value    in     403     403     403           403         403         400    2f           403
GET  withdraw_value   in     403     403     403           403         403         200    2f           403
POST withdraw_value   in     403     403     403           403         403         400    2f           403
GET  replace_value    in     403     403     403           403         403         200    2f           403
POST replace_value    in     403     403     403           403         403         400    2f           403
GET  silent           in     403     403     403           403         403         200    2f           200
GET  silent_file      in     403     403     403           403         403         200    2f           200
GET  remind_silent    in     403     403     403           403         403         200    2f           403
POST remind_silent    in     403     403     403           403         403         ok     2f           403
GET  reporting_duty   in     403     403     403           403         403         200    2f           403
POST reporting_duty   in     403     403     403           403         403         400    2f           403
GET  value_evidence   in     403     403     403           200         404         200    2f           200
GET  reports          in     403     403     403           403         403         200    2f           200
GET  new_report       in     403     403     403           403         403         200    2f           403
POST new_report      in     403     403     403           403         403         400    2f           403
GET  explain          in     200     404     404           200         404         200    2f           200
GET  reconcile        in     403     403     403           403         403         200    2f           200
GET  quality          in     403     403     403           403         403         200    2f           200
POST reconcile_again   in     403     403     403           403         403         ok     2f           403
POST quality_again     in     403     403     403           403         403         ok     2f           403
POST compare_again     in     403     403     403           403         403         ok     2f           403
GET  reconcile_names  in     403     403     403           403         403         404    2f           404
GET  counted_sample   in     403     403     403           403         403         200    2f           200
GET  counting_rules   in     200     200     200           200         200         200    2f           200
GET  new_rule         in     403     403     403           403         403         200    2f           403
POST new_rule        in     403     403     403           403         403         200    2f           403
GET  rule_draft       in     403     403     403           403         403         404    2f           403
GET  report           in     403     403     403           403         403         200    2f           200
GET  reopen_report    in     403     403     403           403         403         200    2f           403
POST reopen_report   in     403     403     403           403         403         400    2f           403
POST report_signature in     403     403     403           403         403         ok     2f           403
GET  report_pdf       in     403     403     403           403         403         200    2f           200
GET  annex            in     403     403     403           403         403         200    2f           200
GET  annex_adjustments in    403     403     403           403         403         200    2f           200
GET  evidence_pack    in     403     403     403           403         403         200    2f           200
GET  courses          200    200     200     200           200         200         200    2f           200
GET  course           200    200     200     200           200         200         200    2f           200
GET  new_course       in     403     403     403           403         403         200    2f           403
POST new_course      in     403     403     403           403         403         400    2f           403
GET  change_course    in     403     403     403           403         403         200    2f           403
POST change_course   in     403     403     403           403         403         400    2f           403
GET  outside_courses  in     403     403     403           403         403         200    2f           200
GET  match_course     in     403     403     403           403         403         200    2f           403
POST match_course     in     403     403     403           403         403         400    2f           403
GET  rematch_course   in     403     403     403           403         403         200    2f           403
POST rematch_course   in     403     403     403           403         403         400    2f           403
GET  runs             in     200     200     200           200         200         200    2f           200
GET  new_run          in     403     200     200           403         403         200    2f           403
POST new_run         in     403     400     400           403         403         400    2f           403
GET  verify           200    200     200     200           200         200         200    2f           200
POST verify          400    400     400     400           400         400         400    2f           400
GET  verify_code      200    200     200     200           200         200         200    2f           200
POST language         ok     ok      ok      ok            ok          ok          ok     ok           ok
GET  healthz          200    200     200     200           200         200         200    200          200
GET  readyz           503    503     503     503           503         503         503    503          503
GET  metrics          200    200     200     200           200         200         200    2f           200
GET  my               in     200     200     200           200         200         200    2f           200
GET  my_record        in     200     404     404           404         404         404    2f           404
GET  my_calendar      in     200     200     200           200         200         200    2f           200
GET  my_calendars     in     200     200     200           200         200         200    2f           200
POST create_calendar  in     ok      ok      ok            ok          ok          ok     2f           ok
POST revoke_calendar  in     ok      404     404           404         404         404    2f           404
GET  calendar_feed    404    404     404     404           404         404         404    2f           404
GET  style            in     403     403     403           403         403         200    2f           403
GET  run              in     200     200     200           200         200         200    2f           200
GET  run_calendar     in     200     200     200           200         200         200    2f           200
POST new_material     in     403     ok      404           403         403         ok     2f           403
GET  course_units     in     403     200     404           403         403         200    2f           200
GET  new_unit         in     403     200     404           403         403         200    2f           403
POST new_unit         in     403     400     404           403         403         400    2f           403
GET  unit             in     403     200     404           403         403         200    2f           403
POST unit             in     403     400     404           403         403         400    2f           403
POST unit_action      in     403     ok      404           403         403         ok     2f           403
GET  unit_file        in     200     200     404           404         404         200    2f           200
GET  run_units        in     200     200     404           404         404         200    2f           200
GET  new_class_unit   in     403     200     404           403         403         200    2f           403
POST new_class_unit   in     403     400     404           403         403         400    2f           403
GET  run_unit         in     200     200     404           404         404         200    2f           200
POST run_unit         in     ok      404     404           404         404         404    2f           404
POST fit_unit         in     403     ok      404           403         403         ok     2f           403
GET  question_bank    in     403     200     404           403         403         200    2f           200
GET  new_question     in     403     200     404           403         403         200    2f           403
POST new_question     in     403     400     404           403         403         400    2f           403
GET  export_questions in     403     200     404           403         403         200    2f           403
POST import_questions in     403     ok      404           403         403         ok     2f           403
GET  question         in     403     200     404           403         403         200    2f           403
POST question         in     403     400     404           403         403         400    2f           403
POST remove_question  in     403     ok      404           403         403         ok     2f           403
GET  new_test         in     403     200     404           403         403         200    2f           403
POST new_test         in     403     400     404           403         403         400    2f           403
GET  test             in     403     200     404           403         403         200    2f           403
POST test             in     403     400     404           403         403         400    2f           403
POST remove_test      in     403     ok      404           403         403         ok     2f           403
GET  run_test         in     200     200     404           404         404         200    2f           200
POST run_test         in     ok      404     404           404         404         404    2f           404
POST test_window      in     403     ok      404           403         403         ok     2f           403
POST paper_scores     in     403     ok      404           403         403         ok     2f           403
GET  attempt          in     200     404     404           404         404         404    2f           404
POST attempt          in     ok      404     404           404         404         404    2f           404
POST save_attempt     in     404     404     404           404         404         404    2f           404
GET  material_file    in     200     200     404           404         404         200    2f           200
POST delete_material  in     403     ok      404           403         403         ok     2f           403
GET  class_messages   in     403     200     404           200         404         200    2f           200
GET  new_class_message in    403     200     404           200         404         200    2f           403
POST new_class_message in    403     400     404           400         404         400    2f           403
GET  class_message    in     403     200     404           404         404         200    2f           200
GET  class_message_file in   403     200     404           404         404         200    2f           200
GET  run_seats        in     403     200     404           403         403         200    2f           200
POST run_capacity     in     403     403     403           403         403         ok     2f           403
POST run_share        in     403     403     403           403         403         ok     2f           403
POST request_enrollment in     ok      403     403           403         403         403    2f           403
GET  nominate         in     403     403     403           ok          ok          200    2f           403
POST nominate        in     403     403     403           ok          ok          200    2f           403
POST decide_enrollment     in     403     403     403           ok          404         ok     2f           403
GET  withdraw_enrollment   in     200     403     404           200         404         200    2f           403
GET  letter_file      in     404     200     404           200         404         200    2f           200
GET  enrollment_details     in     403     403     403           200         404         200    2f           403
POST enrollment_details     in     403     403     403           400         404         ok     2f           403
POST act_on_selection     in     403     ok      ok            ok          ok          ok     2f           ok
POST take_seat_back   in       404     404     404           404         404         404    2f           404
POST withdraw_enrollment   in     ok      403     404           ok          404         ok     2f           403
GET  replace_enrollment    in     403     403     403           200         404         200    2f           403
POST replace_enrollment   in     403     403     403           200         404         200    2f           403
GET  run_attendance   in     403     200     404           403         403         200    2f           200
POST mark_attendance  in     403     404     404           403         403         404    2f           403
POST mark_rest        in     403     ok      404           403         403         ok     2f           403
POST save_session     in     403     ok      404           403         403         ok     2f           403
POST take_attendance  in     403     ok      404           403         403         ok     2f           403
POST conference_log   in     403     ok      404           403         403         ok     2f           403
POST walk_in          in     403     ok      404           403         403         ok     2f           403
GET  sheet_file       in     403     200     404           403         403         200    2f           200
GET  check_in_code    in     403     200     404           403         403         200    2f           403
GET  check_in_scan    400    400     400     400           400         400         400    2f           400
POST check_in         400    400     400     400           400         400         400    2f           400
GET  run_results      in     403     200     404           403         403         200    2f           200
POST run_scores       in     403     ok      404           403         403         ok     2f           403
GET  score_sheet      in     403     200     404           403         403         200    2f           403
POST take_scores      in     403     ok      404           403         403         ok     2f           403
POST add_scan         in     403     ok      404           403         403         ok     2f           403
GET  scan_file        in     403     404     404           403         403         404    2f           404
GET  resit            in     403     404     404           403         403         404    2f           403
POST resit           in     403     404     404           403         403         404    2f           403
GET  correct_result   in     403     403     403           403         403         200    2f           403
POST correct_result  in     403     403     403           403         403         200    2f           403
POST close_run        in     403     ok      404           403         403         ok     2f           403
GET  completion_exception in 403     403     403           403         403         200    2f           403
POST completion_exception in 403    403     403           403         403         200    2f           403
GET  void_result      in     403     403     403           403         403         200    2f           403
POST void_result     in     403     403     403           403         403         200    2f           403
GET  audiences        in     403     403     403           200         200         200    2f           200
GET  audience         in     403     403     403           200         200         200    2f           200
GET  new_audience     in     403     403     403           403         403         200    2f           403
POST new_audience     in     403     403     403           403         403         400    2f           403
GET  audiences_file   in     403     403     403           200         200         200    2f           200
GET  import_audiences in     403     403     403           403         403         200    2f           403
POST import_audiences in     403     403     403           403         403         400    2f           403
GET  change_audience  in     403     403     403           403         403         200    2f           403
POST change_audience  in     403     403     403           403         403         400    2f           403
GET  frameworks       in     403     200     200           200         200         200    2f           200
GET  framework        in     403     200     200           200         200         200    2f           200
GET  framework_file   in     403     200     200           200         200         200    2f           200
GET  new_framework    in     403     403     403           403         403         200    2f           403
POST new_framework    in     403     403     403           403         403         400    2f           403
POST adopt_framework  in     403     403     403           403         403         ok     2f           403
GET  new_course_competency in 403    403     403           403         403         200    2f           403
POST new_course_competency in 403    403     403           403         403         400    2f           403
GET  course_competency in    403     403     403           403         403         200    2f           403
POST course_competency in    403     403     403           403         403         400    2f           403
POST remove_course_competency in 403 403     403           403         403         ok     2f           403
GET  evaluations      in     403     200     200           403         403         200    2f           200
GET  evaluation_forms in     403     200     200           403         403         200    2f           200
GET  evaluation_form  in     403     200     200           403         403         200    2f           200
GET  evaluation_form_file in 403     200     200           403         403         200    2f           200
GET  new_evaluation_form in  403     403     403           403         403         200    2f           403
POST new_evaluation_form in  403     403     403           403         403         400    2f           403
GET  evaluation_text  in     403     403     403           403         403         404    2f           403
POST evaluation_text  in     403     403     403           403         403         404    2f           403
GET  run_evaluation   in     403     200     404           403         403         200    2f           200
GET  plan_evaluation  in     403     200     404           403         403         200    2f           403
POST plan_evaluation  in     403     400     404           403         403         400    2f           403
POST close_evaluation in     403     ok      404           403         403         ok     2f           403
POST evaluation_paper in     403     200     404           403         403         200    2f           403
POST evaluation_sheet in     403     403     403           403         403         200    2f           403
POST take_evaluations in     403     403     403           403         403         ok     2f           403
GET  type_evaluation  in     403     403     403           403         403         200    2f           403
POST type_evaluation  in     403     403     403           403         403         400    2f           403
POST discard_evaluations in  403     403     403           403         403         ok     2f           403
GET  evaluation_results in   403     200     404           403         403         200    2f           200
GET  evaluation_report in    403     403     404           403         403         403    2f           403
GET  answer_evaluation 400   400     400     400           400         400         400    2f           400
POST answer_evaluation 400   400     400     400           400         400         400    2f           400
GET  retention        in     403     403     403           403         403         200    2f           200
GET  retention_kind   in     403     403     403           403         403         200    2f           200
POST retention_kind   in     403     403     403           403         403         400    2f           403
GET  new_archive_package in  403     403     403           403         403         200    2f           403
POST new_archive_package in  403     403     403           403         403         400    2f           403
GET  archive_package  in     403     403     403           403         403         200    2f           200
GET  archive_package_file in 403     403     403           403         403         200    2f           200
POST hand_over_package in    403     403     403           403         403         ok     2f           403
POST approve_record_deletion in 403  403     403           403         403         ok     2f           403
POST withdraw_package in     403     403     403           403         403         ok     2f           403
POST remove_package_file in  403     403     403           403         403         ok     2f           403
GET  effect           in     403     403     403           200         200         200    2f           200
GET  follow_up_rule   in     403     403     403           403         403         200    2f           403
POST follow_up_rule   in     403     403     403           403         403         400    2f           403
GET  effect_examples  in     403     403     403           403         403         200    2f           200
GET  effect_example   in     403     403     403           403         403         200    2f           200
POST effect_example   in     403     403     403           403         403         400    2f           403
GET  example_file     in     403     403     403           403         403         200    2f           200
GET  published_examples 200  200     200     200           200         200         200    2f           200
GET  my_follow_ups    in     200     403     403           403         403         403    2f           403
GET  answer_follow_up in     200     403     403           403         403         403    2f           403
POST answer_follow_up in     400     403     403           403         403         403    2f           403
GET  my_manager       in     200     403     403           403         403         403    2f           403
POST my_manager       in     400     403     403           403         403         403    2f           403
GET  follow_up        400    400     400     400           400         400         400    2f           400
POST follow_up        400    400     400     400           400         400         400    2f           400
GET  run_plan         in     403     200     404           403         403         200    2f           403
POST plan_run         in     403     ok      404           403         403         ok     2f           403
GET  change_run       in     403     200     404           403         403         200    2f           403
POST change_run      in     403     200     404           403         403         200    2f           403
GET  add_session      in     403     200     404           403         403         200    2f           403
POST add_session     in     403     200     404           403         403         200    2f           403
GET  change_session   in     403     200     404           403         403         200    2f           403
POST change_session  in     403     200     404           403         403         200    2f           403
GET  run_decision     in     403     403     403           403         403         200    2f           403
POST run_decision    in     403     403     403           403         403         200    2f           403
GET  decision_file    in     404     404     404           404         404         404    2f           404
GET  opening_list     in     403     200     404           403         403         200    2f           200
GET  my_data          in     200     404     404           404         404         404    2f           404
POST my_data          in     400     404     404           404         404         404    2f           404
GET  my_data_file     in     200     404     404           404         404         404    2f           404
GET  data_requests    in     403     403     403           403         403         200    2f           200
GET  data_request     in     403     403     403           403         403         200    2f           200
POST data_request     in     403     403     403           403         403         400    2f           403
GET  record_request   in     403     403     403           200         404         200    2f           403
POST record_request   in     403     403     403           400         404         400    2f           403
POST request_copy     in     403     403     403           403         403         200    2f           403
GET  holidays         in     403     403     403           403         403         200    2f           200
POST holidays         in     403     403     403           403         403         400    2f           403
POST remove_holiday   in     403     403     403           403         403         ok     2f           403
GET  people           in     403     200     200           200         200         200    2f           200
POST people           in     403     ok      ok            ok          ok          ok     2f           ok
GET  person           in     403     200     404           200         404         200    2f           200
GET  correct_person   in     403     403     403           200         404         200    2f           403
POST correct_person  in     403     403     403           400         404         400    2f           403
GET  transfer_person  in     403     403     403           403         403         200    2f           403
POST transfer_person in     403     403     403           403         403         400    2f           403
POST reveal_number    in     403     403     403           400         404         400    2f           403
GET  unmailed_letters in     403     403     403           200         200         200    2f           200
POST print_unmailed_letters in 403   403     403           200         ok          200    2f           403
GET  transfer_requests in    403     403     403           200         200         200    2f           200
POST accept_transfer  in     ok      404     404           ok          404         ok     2f           404
GET  decline_transfer in     200     404     404           200         404         200    2f           404
POST decline_transfer in     400     404     404           400         404         400    2f           404
POST withdraw_transfer in    403     403     403           404         ok          ok     2f           403
GET  pairs            in     403     403     403           403         403         200    2f           200
GET  pair             in     403     403     403           403         403         200    2f           200
POST pair             in     403     403     403           403         403         400    2f           403
GET  merges           in     403     403     403           403         403         200    2f           200
POST undo_merge       in     403     403     403           403         403         ok     2f           403
GET  agencies         in     200     200     200           200         200         200    2f           200
GET  agency           in     200     200     200           200         200         200    2f           200
GET  agency_options   in     200     200     200           200         200         200    2f           200
GET  new_agency       in     403     403     403           403         403         200    2f           403
POST new_agency      in     403     403     403           403         403         200    2f           403
GET  correct_agency   in     403     403     403           403         403         200    2f           403
POST correct_agency  in     403     403     403           403         403         200    2f           403
GET  new_succession   in     403     403     403           403         403         200    2f           403
POST new_succession  in     403     403     403           403         403         400    2f           403
POST successions_file in     403     403     403           403         403         ok     2f           403
GET  void_succession  in     403     403     403           403         403         200    2f           403
POST void_succession in     403     403     403           403         403         200    2f           403
GET  agency_kind      in     403     403     403           403         403         ok     2f           403
POST agency_kind      in     403     403     403           403         403         ok     2f           403
GET  split_assignments in     403     403     403           403         403         404    2f           403
POST split_assignments in     403     403     403           403         403         404    2f           403
GET  roster_file      in     403     200     200           200         200         200    2f           200
GET  certificate_credential in 404 404   404           404         404         404    2f           404
GET  certificate_file in     200     200     404           200         404         200    2f           200
GET  certificate_bundles in  403     200     200           200         200         200    2f           200
POST certificate_bundles in  403     400     400           400         400         400    2f           400
GET  certificate_bundle_file in 403  404     404           404         404         404    2f           404
GET  certificate_batch in    403     403     403           403         403         200    2f           200
POST certificate_batch in    403     403     403           403         403         ok     2f           403
GET  certificates     in     200     200     200           200         200         200    2f           200
POST certificates    in     ok      404     404           404         404         404    2f           404
GET  register_file    in     200     200     200           200         200         200    2f           200
GET  certificate      in     200     200     404           200         404         200    2f           200
GET  duplicate_file   in     404     404     404           404         404         404    2f           404
POST certificate     in     403     403     404           403         404         ok     2f           403
GET  run_certificates in     403     403     403           403         403         200    2f           200
POST run_certificates in     403     403     403           403         403         ok     2f           403
GET  run_confirmations in    403     403     403           403         403         200    2f           200
POST run_confirmations in    403     403     403           403         403         ok     2f           403
GET  confirmations    in     200     200     200           200         200         200    2f           200
GET  attendance_confirmation in 200  200     404           200         404         200    2f           200
POST attendance_confirmation in 403  403     404           403         404         ok     2f           403
GET  attendance_confirmation_file in 200 200 404           200         404         200    2f           200
GET  run_certificates_file in 403    403     403           403         403         200    2f           200
GET  issuing_sample         in     403     403     403           403         403         422    2f           422
GET  certificate_designs in  403     403     403           403         403         200    2f           200
GET  new_design       in     403     403     403           403         403         200    2f           403
POST new_design      in     403     403     403           403         403         400    2f           403
GET  certificate_design in   403     403     403           403         403         200    2f           200
POST certificate_design in  403     403     403           403         403         400    2f           403
GET  issuers          in     403     403     403           403         403         200    2f           200
GET  new_issuing_body in     403     403     403           403         403         200    2f           403
POST new_issuing_body in    403     403     403           403         403         400    2f           403
GET  issuing_body     in     403     403     403           403         403         200    2f           200
POST issuing_body     in     403     403     403           403         403         400    2f           403
GET  new_signer       in     403     403     403           403         403         200    2f           403
POST new_signer      in     403     403     403           403         403         400    2f           403
GET  signer_certificates in  403     403     403           403         403         200    2f           200
POST signer_certificates in  403     403     403           403         403         400    2f           403
GET  end_signer_certificate in 403   403     403           403         403         200    2f           403
POST end_signer_certificate in 403   403     403           403         403         400    2f           403
GET  signer           in     403     403     403           403         403         200    2f           200
POST signer           in     403     403     403           403         403         400    2f           403
GET  baked_image      in     403     403     403           403         403         404    2f           404
GET  design_preview   in     403     403     403           403         403         422    2f           422
GET  verify_by_number ok     ok      ok      ok            ok          ok          ok     2f           ok
POST verify_by_number 400    400     400     400           400         400         400    2f           400
GET  claim_certificate 200   200     200     200           200         200         200    2f           200
POST claim_certificate 200  200     200     200           200         200         200    2f           200
GET  name_by_link     404    404     404     404           404         404         404    2f           404
POST name_by_link     404    404     404     404           404         404         404    2f           404
GET  shared_certificate 404  404     404     404           404         404         404    2f           404
GET  status_list      404    404     404     404           404         404         404    2f           404
GET  superseded_list  404    404     404     404           404         404         404    2f           404
GET  verify_credential 404   404     404     404           404         404         404    2f           404
GET  achievement      404    404     404     404           404         404         404    2f           404
GET  badge            404    404     404     404           404         404         404    2f           404
GET  did_document     200    200     200     200           200         200         200    2f           200
GET  signing_certificates 200 200    200     200           200         200         200    2f           200
GET  rosters          in     403     403     403           200         200         200    2f           200
GET  export_rosters   in     403     200     200           200         200         200    2f           200
POST export_rosters  in     403     200     200           200         200         200    2f           200
GET  training_matrix  in     403     200     200           200         200         200    2f           200
POST training_matrix  in     403     200     200           200         200         200    2f           200
GET  schedules        in     403     200     200           200         200         200    2f           200
GET  schedule         in     403     404     404           200         404         404    2f           404
POST schedule         in     403     404     404           400         404         404    2f           404
POST act_on_schedule  in     403     404     404           ok          404         404    2f           404
GET  export_people    in     403     200     200           200         200         200    2f           200
POST export_people   in     403     200     200           200         200         200    2f           200
GET  export_file      in     403     404     404           200         404         404    2f           404
GET  saved_columns    in     403     404     404           200         404         404    2f           404
POST saved_columns    in     403     404     404           200         404         404    2f           404
POST remove_columns   in     403     404     404           ok          404         404    2f           404
GET  roster_sample    in     403     403     403           404         404         200    2f           403
GET  new_roster       in     403     403     403           200         200         200    2f           403
POST new_roster      in     403     403     403           400         400         400    2f           403
GET  roster           in     403     403     403           200         404         200    2f           200
GET  rejected_rows    in     403     403     403           200         404         200    2f           403
POST confirm_roster   in     403     403     403           ok          404         ok     2f           403
GET  roster_columns   in     403     403     403           200         404         200    2f           403
POST roster_columns  in     403     403     403           200         404         200    2f           403
POST roster_row      in     403     403     403           ok          404         ok     2f           403
POST stage_rest       in     403     403     403           ok          404         ok     2f           403
POST undo_roster      in     403     403     403           ok          404         ok     2f           403
POST discard_roster   in     403     403     403           ok          404         ok     2f           403
GET  jobs             in     200     200     200           200         200         200    2f           200
GET  job              in     404     404     404           200         404         200    2f           200
POST cancel_job       in     404     404     404           ok          404         ok     2f           403
POST retry_job        in     404     404     404           ok          404         ok     2f           403
GET  audit            in     403     403     403           403         403         200    2f           200
GET  audit_entry      in     403     403     403           403         403         200    2f           200
GET  audit_chain      in     403     403     403           403         403         200    2f           200
GET  people_accounts  in     403     403     403           200         200         200    2f           403
POST invite_people    in     403     403     403           ok          ok          ok     2f           403
POST print_letters    in     403     403     403           ok          ok          ok     2f           403
GET  coordinators     in     403     403     403           403         403         200    2f           200
POST appoint_coordinator in  403     403     403           403         403         400    2f           403
GET  hand_over        in     403     403     403           403         403         200    2f           403
POST hand_over        in     403     403     403           403         403         200    2f           403
GET  own_tokens       in     200     200     200           200         200         200    2f           200
POST own_tokens       in     again   again   again         again       again       again  2f           again
POST end_token        in     404     404     404           404         404         404    2f           404
GET  accounts         in     403     403     403           403         403         200    2f           200
GET  account          in     403     403     403           403         403         200    2f           200
GET  new_account      in     403     403     403           403         403         200    2f           403
POST new_account      in     403     403     403           403         403         200    2f           403
POST grant_role       in     403     403     403           403         403         400    2f           403
POST end_role         in     403     403     403           403         403         ok     2f           403
POST reset_second_factor in  403     403     403           403         403         400    2f           403
POST staff_number     in     403     403     403           403         403         ok     2f           403
GET  single_sign_on   405    405     405     405           405         405         405    405          405
POST single_sign_on   404    404     404     404           404         404         404    404          404
GET  single_sign_on_back 404 404     404     404           404         404         404    404          404
POST act_on_account   in     403     403     403           403         403         ok     2f           403
GET  claim_by_code    200    200     200     200           200         200         200    2f           200
POST claim_by_code   200    200     200     200           200         200         200    2f           200
GET  claim_by_link    404    404     404     404           404         404         404    2f           404
POST claim_by_link   404    404     404     404           404         404         404    2f           404
GET  audit_file       in     403     403     403           403         403         200    2f           200
GET  account_login 200 ok ok ok ok ok ok ok ok
POST account_login 200 ok ok ok ok ok ok ok ok
GET  account_logout ok 200 200 200 200 200 200 200 200
POST account_logout ok ok ok ok ok ok ok ok ok
GET  account_inactive 200 200 200 200 200 200 200 200 200
POST account_inactive 405 405 405 405 405 405 405 405 405
GET  account_signup 404 404 404 404 404 404 404 404 404
POST account_signup 404 404 404 404 404 404 404 404 404
GET  account_email_verification_sent 404 404 404 404 404 404 404 404 404
POST account_email_verification_sent 404 404 404 404 404 404 404 404 404
GET  account_confirm_email 404 404 404 404 404 404 404 404 404
POST account_confirm_email 404 404 404 404 404 404 404 404 404
GET  account_reauthenticate in 200 200 200 200 200 200 200 200
POST account_reauthenticate in 200 200 200 200 200 200 200 200
GET  account_change_password in 200 200 200 200 200 again 200 again
POST account_change_password in 200 200 200 200 200 again 200 again
GET  account_reset_password 200 200 200 200 200 200 200 200 200
POST account_reset_password 200 200 200 200 200 200 200 200 200
GET  account_reset_password_done 200 200 200 200 200 200 200 200 200
POST account_reset_password_done 405 405 405 405 405 405 405 405 405
GET  account_reset_password_from_key_done 200 200 200 200 200 200 200 200 200
POST account_reset_password_from_key_done 405 405 405 405 405 405 405 405 405
GET  account_reset_password_from_key 200 200 200 200 200 200 200 200 200
POST account_reset_password_from_key 200 200 200 200 200 200 200 200 200
GET  usersessions_list in 200 200 200 200 200 200 200 200
POST usersessions_list in ok ok ok ok ok ok ok ok
GET  mfa_index in 200 200 200 200 200 200 200 200
POST mfa_index in 405 405 405 405 405 405 405 405
GET  mfa_authenticate in ok ok ok ok ok ok ok ok
POST mfa_authenticate in ok ok ok ok ok ok ok ok
GET  mfa_reauthenticate in again again again again again 200 again 200
POST mfa_reauthenticate in again again again again again 200 again 200
GET  mfa_activate_totp in again again again again again again again again
POST mfa_activate_totp in again again again again again again again again
GET  mfa_deactivate_totp in again again again again again again again again
POST mfa_deactivate_totp in again again again again again again again again
GET  mfa_view_recovery_codes in again again again again again again again again
POST mfa_view_recovery_codes in again again again again again again again again
GET  mfa_generate_recovery_codes in again again again again again again again again
POST mfa_generate_recovery_codes in again again again again again again again again
GET  mfa_download_recovery_codes in again again again again again again again again
POST mfa_download_recovery_codes in again again again again again again again again
GET  mfa_list_webauthn in 200 200 200 200 200 200 200 200
POST mfa_list_webauthn in 405 405 405 405 405 405 405 405
GET  mfa_add_webauthn in again again again again again again again again
POST mfa_add_webauthn in again again again again again again again again
GET  mfa_reauthenticate_webauthn in again again again again again again again again
POST mfa_reauthenticate_webauthn in again again again again again again again again
GET  mfa_remove_webauthn in again again again again again again again again
POST mfa_remove_webauthn in again again again again again again again again
GET  mfa_edit_webauthn in again again again again again again again again
POST mfa_edit_webauthn in again again again again again again again again
GET  own_address in again again again again again again 2f again
POST own_address in again again again again again again 2f again
GET  confirm_address in 404 404 404 404 404 404 2f 404
POST confirm_address in 404 404 404 404 404 404 2f 404
GET  admin:index in 403 403 403 403 403 200 2f 200
POST admin:index in 403 403 403 403 403 405 2f 405
GET  admin:jobs_job_changelist in 403 403 403 403 403 200 2f 200
POST admin:jobs_job_changelist in 403 403 403 403 403 405 2f 405
GET  admin:jobs_job_change in 403 403 403 403 403 200 2f 200
POST admin:jobs_job_change in 403 403 403 403 403 405 2f 405
GET  admin:jobs_timedtaskrun_changelist in 403 403 403 403 403 200 2f 200
POST admin:jobs_timedtaskrun_changelist in 403 403 403 403 403 405 2f 405
GET  admin:jobs_timedtaskrun_change in 403 403 403 403 403 404 2f 404
POST admin:jobs_timedtaskrun_change in 403 403 403 403 403 405 2f 405
GET  admin:jobs_workerheartbeat_changelist in 403 403 403 403 403 200 2f 200
POST admin:jobs_workerheartbeat_changelist in 403 403 403 403 403 405 2f 405
GET  admin:jobs_workerheartbeat_change in 403 403 403 403 403 404 2f 404
POST admin:jobs_workerheartbeat_change in 403 403 403 403 403 405 2f 405
GET  admin:notices_notice_changelist in 403 403 403 403 403 200 2f 200
POST admin:notices_notice_changelist in 403 403 403 403 403 405 2f 405
GET  admin:notices_notice_change in 403 403 403 403 403 404 2f 404
POST admin:notices_notice_change in 403 403 403 403 403 405 2f 405
GET  admin:app_list in 403 403 403 403 403 200 2f 200
POST admin:app_list in 403 403 403 403 403 405 2f 405
"""  # noqa: E501

_VISITORS, *_ROWS = [line.split() for line in TABLE.strip().splitlines()]
RIGHTS = {(method, route): answers for method, route, *answers in _ROWS}


@pytest.fixture
def world(db: None) -> World:
    return make_world()


@pytest.mark.parametrize(("method", "route"), RIGHTS, ids=map(" ".join, RIGHTS))
def test_each_visitor_gets_the_answer_of_the_table(world, method, route):
    address = reverse(route, kwargs=world.kwargs.get(route))
    answers = {v: answer_to(world.visitors[v], method, address) for v in _VISITORS}
    assert answers == dict(zip(_VISITORS, RIGHTS[method, route], strict=True))


def answer_to(user, method, address) -> str:
    """What a visitor is told; whatever the action did is undone for the next one."""
    client = Client(raise_request_exception=False)
    if user:
        client.force_login(user)
    with transaction.atomic():
        response = client.generic(method, address)
        transaction.set_rollback(True)
    return said(response)


def said(response) -> str:
    """The answer in the words of the table."""
    if response.status_code != 302:
        return str(response.status_code)
    if response["Location"].startswith(reverse("account_login")):
        return "in"
    if response["Location"].startswith((reverse("account_reauthenticate"), _FACTOR_AGAIN)):
        return "again"
    return "2f" if response["Location"] == reverse("mfa_activate_totp") else "ok"


_FACTOR_AGAIN = "/sign-in/2fa/reauthenticate/"


def routes(
    resolver: URLResolver | None = None, space: str = ""
) -> Iterator[tuple[str, URLPattern]]:
    """Every address of the site with its full name, or what it looks like where it has none."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLResolver):
            within = f"{space}{pattern.namespace}:" if pattern.namespace else space
            yield from routes(pattern, within)
        else:
            yield f"{space}{pattern.name or pattern.pattern}", pattern


def ours() -> list[tuple[str, URLPattern]]:
    """The addresses whose views are written here, not in a library."""
    apps = {*settings.APPS, "common"}
    return [
        (name, route)
        for name, route in routes()
        if route.callback.__module__.partition(".")[0] in apps
    ]


def test_every_view_says_who_may_enter():
    silent = [name for name, route in routes() if not getattr(route.callback, "allow", None)]
    assert silent == [], "add @open_to(...) from common.access to these views"


def test_every_route_is_in_the_table():
    # The API has a table of its own, by resource and method: test_api_access.py.
    pages = {name for name, _route in routes() if not name.startswith("api:")}
    missing = pages - {route for _method, route in RIGHTS}
    assert missing == set(), "add a row to TABLE for these routes"


def test_a_draft_is_known_to_its_trainer_and_to_nobody_else(world, client):
    type(world.run).objects.filter(pk=world.run.pk).update(state="draft")
    answers = {}
    for visitor in ("trainer", "other_trainer", "coordinator", "office"):
        client.force_login(world.visitors[visitor])
        answers[visitor] = client.get(reverse("run", args=[world.run.code])).status_code
    assert answers == {"trainer": 200, "other_trainer": 404, "coordinator": 404, "office": 200}


@pytest.mark.parametrize(
    ("visitor", "sees"), [("coordinator", True), ("other_coord", False), ("other_trainer", False)]
)
def test_the_roster_of_a_run_shows_a_stranger_nobody(world, client, visitor, sees):
    name = world.run.enrollments.get().trainee.full_name
    client.force_login(world.visitors[visitor])
    page = client.get(reverse("run", args=[world.run.code])).content.decode()
    file = b"".join(
        client.get(reverse("roster_file", args=[world.run.code, "csv"])).streaming_content
    )
    assert (name in page, name in file.decode("utf-8-sig")) == (sees, sees)
