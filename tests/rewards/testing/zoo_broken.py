"""Deliberately broken rewards: each a slip that somebody has made, or will."""

import zoo_batches  # noqa: F401 - enters its animals
import zoo_gullible  # noqa: F401 - enters its animals
import zoo_meaning  # noqa: F401 - enters its animals
import zoo_results  # noqa: F401 - enters its animals
import zoo_running  # noqa: F401 - enters its animals
import zoo_shapes  # noqa: F401 - enters its animals
import zoo_sums  # noqa: F401 - enters its animals
from zoo_parts import ZOO

__all__ = ["ZOO"]
