from common.personal_fields import Impersonal

_IN_OFFICE = "figures, and who answers for them in office"

PERSONAL = (
    *(
        Impersonal(
            f"targets.{model}",
            "signed figures keep their list of names, encrypted, whole as the archive law asks "
            "(decision 11)",
        )
        for model in ("PeriodReport", "FrozenLists", "FrozenPart")
    ),
    *(
        Impersonal(f"targets.{model}", _IN_OFFICE)
        for model in (
            "Target",
            "IndicatorValue",
            "Quota",
            "AgencyTask",
            "QuarterSnapshot",
            "ReportDocument",
            "CooperatingUnit",
            "TaskReport",
            "ReportingDuty",
            "ReportingReminder",
        )
    ),
)
