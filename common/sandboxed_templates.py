"""Templates that users may write: names, ``if``, ``for`` and a few filters, nothing else.

There is no ``include``, ``load``, ``url``, ``now`` or ``safe``: a design reaches no file, setting
or clock, and all values are escaped.
"""

from collections.abc import Callable, Collection, Mapping
from typing import Any

from django.template import Context, Engine, TemplateSyntaxError
from django.template.base import Node, VariableNode
from django.template.defaultfilters import default, join, upper
from django.template.defaulttags import ForNode, comment, do_for, do_if, do_with
from django.template.library import Library

from common.deferred_messages import DeferredMessage as _
from common.errors import DomainError


class TemplateError(DomainError):
    pass


def compile_template(source: str, names: Collection[str]) -> Callable[[Mapping[str, Any]], str]:
    """A function from values to escaped text.

    ``names`` are those that the template may print. Error: ``design_invalid``, with the
    reason that Django's parser gives.
    """
    try:
        template = _engine().from_string(source)
    except TemplateSyntaxError as error:
        message = _("The design cannot be read: %(reason)s") % {"reason": str(error)}
        raise TemplateError("design_invalid", message) from None
    unknown = sorted(_printed(list(template.nodelist)) - set(names))
    if unknown:
        message = _("The design uses %(fields)s, which certificates do not have.")
        raise TemplateError("design_invalid", message % {"fields": ", ".join(unknown)})
    return lambda values: str(template.render(Context(dict(values))))


def _engine() -> Engine:
    engine = Engine(autoescape=True, debug=False, loaders=[])
    library = Library()
    for tag, compiler in (("if", do_if), ("for", do_for), ("with", do_with), ("comment", comment)):
        library.tag(tag, compiler)
    for filter_ in (default, join, upper):
        library.filter(filter_.__name__, filter_)
    engine.template_builtins = [library]
    return engine


def _printed(nodes: list[Node], own: frozenset[str] = frozenset()) -> set[str]:
    found: set[str] = set()
    for node in nodes:
        inner = own
        if isinstance(node, VariableNode):
            variable = node.filter_expression.var
            lookups = getattr(variable, "lookups", None)
            if lookups and lookups[0] not in own:
                found.add(lookups[0])
        elif isinstance(node, ForNode):
            inner = own | {"forloop", *node.loopvars}
        elif hasattr(node, "extra_context"):
            inner = own | set(node.extra_context)
        for name in (*node.child_nodelists, "nodelist_loop", "conditions_nodelists"):
            found |= _printed(_children(node, name), inner)
    return found


def _children(node: Node, name: str) -> list[Node]:
    if name == "conditions_nodelists":
        pairs = getattr(node, name, ())
        return [child for _condition, nodes in pairs for child in nodes]
    return list(getattr(node, name, ()) or ())
