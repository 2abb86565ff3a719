import pytest

from common.errors import DomainError
from common.sandboxed_templates import compile_template


def test_values_are_escaped():
    page = compile_template("<p>{{ name }}</p>", ["name"])
    assert page({"name": "<b>Lan</b> & co"}) == "<p>&lt;b&gt;Lan&lt;/b&gt; &amp; co</p>"


def test_conditions_and_loops_work():
    page = compile_template(
        "{% if lines %}{% for l in lines %}{{ forloop.counter }}{{ l }}{% endfor %}{% endif %}", []
    )
    assert page({"lines": ["a", "b"]}) == "1a2b"


@pytest.mark.parametrize(
    "source",
    [
        "{% include 'x.html' %}",
        "{% extends 'base.html' %}",
        "{% load static %}",
        "{% now 'Y' %}",
        "{% url 'home' %}",
        "{% debug %}",
        "{{ name|safe }}",
        "{% autoescape off %}{{ name }}{% endautoescape %}",
        "{% if name %}",
        "{{ nmae }}",
        "{% if name %}{{ nmae }}{% endif %}",
        "{% for line in name %}{{ lin }}{% endfor %}",
    ],
)
def test_what_a_design_may_not_do_is_refused_when_it_is_read(source):
    with pytest.raises(DomainError) as refused:
        compile_template(source, ["name"])
    assert refused.value.code == "design_invalid"
