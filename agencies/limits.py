from typing import Final

# Key of an advisory lock: two parents set at once would not see each other.
PARENTS_LOCK: Final = 699_2028
