"""The same studio and pages as the tests of the pages have."""

from tests.support.page_fixtures import connection, page, studio

__all__ = ["connection", "page", "studio"]
