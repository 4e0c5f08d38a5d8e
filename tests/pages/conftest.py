"""The studio whose endpoints answer at once, and its pages."""

from tests.support.page_fixtures import connection, page, studio

__all__ = ["connection", "page", "studio"]
