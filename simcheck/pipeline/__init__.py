"""The verbs, and the only place that knows the order of the stages.

folder - images - signals - store - marks                                                (`index`)
suspect - images - signals - retrieval - comparison - scoring - marks - line-up - report (`compare`)
"""

from __future__ import annotations

from simcheck.pipeline.checking import check
from simcheck.pipeline.choice import Choice
from simcheck.pipeline.comparing import compare, compare_pair
from simcheck.pipeline.indexing import index, index_cohort
from simcheck.pipeline.session import Session

__all__ = ["Choice", "Session", "check", "compare", "compare_pair", "index", "index_cohort"]
