"""The pages' studio, for the tests of what stands beside the pages."""

from tests.core.conftest import tiny_models
from tests.pages.conftest import connection, page, studio

__all__ = ["connection", "page", "studio", "tiny_models"]
