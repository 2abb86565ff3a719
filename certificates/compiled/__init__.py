"""Certificates filled into compiled designs: WeasyPrint lays a page out once for all that differ in
texts alone. What this does not reproduce exactly raises UnusualError and is rendered as a whole.
"""

from certificates.compiled.design import CompiledDesign
from certificates.compiled.reasons import Reason, UnusualError
from certificates.compiled.store import Store
from certificates.compiled.writing import Written

__all__ = ["CompiledDesign", "Reason", "Store", "UnusualError", "Written"]
