"""Loaded models stay cached while there is room, and while a job uses them."""

import pytest

from sagemaker_container.engine.cache.memory_cache import MemoryCache


class Loads:
    """Lists the models that were loaded."""

    def __init__(self, cache: MemoryCache) -> None:
        self.cache = cache
        self.loaded: list[str] = []

    def get(self, key: str, size: int = 10) -> bool:
        """Whether it was cached."""

        def load() -> str:
            self.loaded.append(key)
            return key

        return self.cache.get(key, size, load).was_cached


@pytest.fixture
def loads() -> Loads:
    return Loads(MemoryCache(25))


def test_a_model_is_loaded_once(loads: Loads) -> None:
    assert [loads.get("a"), loads.get("a")] == [False, True]
    assert loads.loaded == ["a"]


def test_the_least_recently_used_is_evicted(loads: Loads) -> None:
    for key in ("a", "b", "a", "c"):
        loads.cache.begin_job()
        loads.get(key)
    loads.cache.begin_job()
    assert [loads.get("a"), loads.get("c"), loads.get("b")] == [True, True, False]


def test_what_the_job_uses_is_kept_over_the_limit(loads: Loads) -> None:
    loads.cache.begin_job()
    assert [loads.get(key) for key in ("a", "b", "c", "a", "b", "c")] == [False] * 3 + [True] * 3
    assert loads.cache.used_bytes == 30


def test_a_failed_load_caches_nothing(loads: Loads) -> None:
    with pytest.raises(ZeroDivisionError):
        loads.cache.get("a", 10, lambda: 1 / 0)
    assert loads.cache.used_bytes == 0
    assert loads.get("a") is False
