"""What several addresses are asked with."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter

# Of which day a figure speaks, and up to when records are believed.
SPOKEN_OF = (
    OpenApiParameter("as_of", OpenApiTypes.DATE, description="The day it speaks of."),
    OpenApiParameter("known_as_of", OpenApiTypes.DATE, description="Believe records to it."),
)
