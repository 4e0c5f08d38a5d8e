"""A local AWS for the studio whose audit is shown."""

from tests.support.page_fixtures import connection

__all__ = ["connection"]
