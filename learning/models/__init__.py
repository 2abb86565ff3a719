from learning.models.units import ClassUnit as ClassUnit
from learning.models.units import Unit as Unit
from learning.models.units import UnitDone as UnitDone
from learning.models.units import UnitVersion as UnitVersion
