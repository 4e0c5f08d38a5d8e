"""Lists of instance prices: what one says, and how a file of them is read."""

from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field, TypeAdapter, ValidationError

from core.errors import ConfigurationError
from core.texts import costs as texts
from formats.frozen import Tolerant

_PACKAGED: Final = Path(__file__).parent / "prices.json"

MAX_PRICE: Final = 10_000
"""US dollars an hour."""

DollarsPerHour = Annotated[float, Field(ge=0, le=MAX_PRICE)]


class Price(Tolerant):
    """What an hour of one instance costs, in US dollars, and from when the figure is."""

    instance_type: str
    per_hour: DollarsPerHour
    as_of: date
    source: str


class PriceList(Tolerant):
    """On-demand prices of SageMaker's hosting instances in one region, from one source."""

    region: str
    as_of: date
    source: str = Field(max_length=200)
    per_hour: dict[str, DollarsPerHour]
    """US dollars by instance type, such as ml.g5.xlarge."""
    read_at: datetime | None = None
    """When a list of AWS's was asked for."""

    def price(self, instance_type: str) -> Price:
        """That of an instance type of the list."""
        return Price(
            instance_type=instance_type,
            per_hour=self.per_hour[instance_type],
            as_of=self.as_of,
            source=self.source,
        )


_FILE: Final = TypeAdapter(tuple[PriceList, ...])


def packaged_prices() -> tuple[PriceList, ...]:
    """The lists that ship with this software."""
    return read_price_file(_PACKAGED)


def read_price_file(path: Path) -> tuple[PriceList, ...]:
    """A file of lists: a JSON array, see `prices.json`. Raises ConfigurationError."""
    try:
        return _FILE.validate_json(path.read_bytes())
    except OSError as error:
        raise ConfigurationError(texts.price_file_is_missing(str(path), str(error))) from error
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        message = texts.price_file_is_wrong(str(path), where, first["msg"])
        raise ConfigurationError(message) from error
