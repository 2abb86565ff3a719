"""What pages of figures show, in a few words; and the user guide, made of the same texts."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.choices import (
    OVERSEERS,
    PEOPLE_MANAGERS,
    PEOPLE_READERS,
    RUN_MANAGERS,
    Role,
)


@dataclass(frozen=True, slots=True)
class Topic:
    """``route``: the page that it is about; for ``roles``, or for all."""

    route: str
    title: Promise
    text: Promise
    roles: tuple[str, ...] = ()


_OFFICE = (Role.PROGRAMME_OFFICE,)

FIGURES = (
    Topic(
        "home",
        _("The number of people trained"),
        _(
            "Different people with at least one completed course that counts. A person who "
            "completes several courses counts once, for the agency that sent them to the first."
        ),
    ),
    Topic(
        "number",
        _("Figures by date"),
        _(
            "The number as of any day, according to the records of another day if you wish, and "
            "in parts by agency, sector or month. The same question always has the same answer."
        ),
        PEOPLE_READERS,
    ),
    Topic(
        "targets",
        _("Targets and quotas"),
        _(
            "Targets are set by decision. A quota is the part of a target that one agency is to "
            "meet. At risk: at the pace of the last year it will be missed."
        ),
        PEOPLE_READERS,
    ),
    Topic(
        "forecast",
        _("Forecast"),
        _(
            "When the target will be reached if people complete courses at the recent pace. It "
            "needs four full quarters of results and shows how accurate past forecasts were."
        ),
        OVERSEERS,
    ),
    Topic(
        "road_map",
        _("Road map"),
        _("What each agency plans for each quarter, beside what was actually achieved."),
        PEOPLE_READERS,
    ),
    Topic(
        "reconcile",
        _("Reconciliation"),
        _(
            "From enrollment to the number counted, step by step, with the reason for every "
            "difference and the names behind it. A contradiction is an error to be corrected."
        ),
        OVERSEERS,
    ),
    Topic(
        "quality",
        _("Data quality"),
        _("Records that are missing something or contradict each other, with links to them."),
        OVERSEERS,
    ),
    Topic(
        "reports",
        _("Period reports"),
        _(
            "A signed report freezes the figure, its list of names and the rule. Later changes "
            "never alter it: they are listed as adjustments with names."
        ),
        OVERSEERS,
    ),
    Topic(
        "indicators",
        _("Other indicators"),
        _(
            "Percentages that agencies report themselves. A figure counts once the programme "
            "office has accepted it."
        ),
        PEOPLE_READERS,
    ),
    Topic(
        "explain",
        _("Why a person is counted, or not"),
        _(
            "The completion by which somebody counts, or what is missing, under the rule in force "
            "on the day that you choose."
        ),
    ),
    Topic(
        "counted_sample",
        _("Sample"),
        _("Counted people drawn at random, so that an auditor can check the evidence of each."),
        OVERSEERS,
    ),
)

GUIDE = (
    Topic(
        "search",
        _("Find anything"),
        _(
            "Type a name, a class, a certificate number or an agency into the box at the top. "
            "Accents and capitals do not matter. Only what you may see is searched."
        ),
    ),
    Topic(
        "mfa_index",
        _("Account and security"),
        _(
            "Change your password, set up a second factor and end sessions that you do not "
            "recognise. The language is changed at the top of every page."
        ),
    ),
    Topic(
        "first_steps",
        _("Start a new site"),
        _("Eight steps lead to the first class and its certificates; each shows its state."),
        _OFFICE,
    ),
    Topic(
        "new_run",
        _("Open and run a class"),
        _(
            "Choose the course, enter dates, seats and trainers, then open enrollment. After the "
            "last session close the class, then issue the certificates."
        ),
        RUN_MANAGERS,
    ),
    Topic(
        "certificates",
        _("Issue certificates"),
        _(
            "From the overview, open the class, check the warnings, then issue. A certificate is "
            "never deleted: it is corrected by a new one or revoked with a reason."
        ),
        _OFFICE,
    ),
    Topic(
        "pairs",
        _("Possible duplicates"),
        _(
            "Two records that may be one person are compared side by side. A merge can be undone, "
            "and every change of the number is shown."
        ),
        _OFFICE,
    ),
    Topic(
        "my",
        _("Take attendance"),
        _(
            "Today's session comes first, with one button to its attendance. Those present may "
            "also check in with the code on the screen."
        ),
        (Role.TRAINER,),
    ),
    Topic(
        "new_roster",
        _("Send a roster"),
        _(
            "Upload the Excel file of your agency. Every row is checked first; rows that are "
            "rejected say why and can be corrected on the page. Nothing is imported until you "
            "confirm."
        ),
        PEOPLE_MANAGERS,
    ),
    Topic(
        "people",
        pgettext_lazy("help", "The people of your agency"),
        _(
            "Who is trained, enrolled or not trained yet; correct their data, invite them to an "
            "account, export the list."
        ),
        (Role.COORDINATOR,),
    ),
    Topic(
        "courses",
        _("Take part in a course"),
        _(
            "Choose a class that is open and request enrollment, or ask your coordinator. If the "
            "class is full you are placed on the waiting list."
        ),
        (Role.TRAINEE,),
    ),
    Topic(
        "my_data",
        _("My data"),
        _(
            "Everything stored about you, as a page or a file; request a correction or erasure. "
            "The answer has a legal deadline."
        ),
        (Role.TRAINEE,),
    ),
    Topic(
        "audit",
        _("Check the records"),
        _(
            "Every action is logged, and no entry can be changed unnoticed. Verify the log, draw "
            "a sample and follow each person to the evidence."
        ),
        (Role.AUDITOR,),
    ),
)

_BY_ROUTE = {topic.route: topic for topic in FIGURES}


def topic_of(route: str | None) -> Topic | None:
    return _BY_ROUTE.get(route or "")


def guide_for(roles: frozenset[str], topics: tuple[Topic, ...]) -> list[Topic]:
    return [topic for topic in topics if not topic.roles or not roles.isdisjoint(topic.roles)]
