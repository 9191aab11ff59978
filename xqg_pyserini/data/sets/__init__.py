"""Our data sets as ir_datasets sees them: one module a family, over published files that are fetched when needed.

ir_datasets is imported here, before any module below: that import registers our data sets (see ``data.on_import``),
which needs all of those modules whole.
"""

import ir_datasets  # noqa: F401
