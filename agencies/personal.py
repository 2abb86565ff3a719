from common.personal_fields import Impersonal

PERSONAL = (
    Impersonal("agencies.Agency", "a public body"),
    Impersonal("agencies.Succession", "a public act, and who recorded it in office"),
)
