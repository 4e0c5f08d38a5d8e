"""Inputs that nobody uses go within two days; one that is used, or used again, never does."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from threading import Thread

import pytest

from core.errors import AwsError
from core.ids import new_id, utc_now
from core.images.files import InputImage
from core.jobs.grids.records import GridRequests
from core.jobs.inputs.storing import store_images, store_inputs
from core.jobs.inputs.sweep import InputSweep
from core.jobs.inputs.unused import keep_in_use, read_notice
from formats.generation.parameters import Mode
from formats.generation.request import GenerationRequest
from formats.keys import GRIDS, INPUTS, JOBS, grid_key, input_key, job_prefix
from tests.core.jobs.conftest import Workshop
from tests.support.soak import rounds


@pytest.fixture
def shop(workshop: Workshop) -> Iterator[Workshop]:
    yield workshop
    for prefix in (JOBS, GRIDS, INPUTS, "indexes/"):
        workshop.storage.delete_prefix(prefix)


def image(name: str) -> InputImage:
    data = name.encode()
    return InputImage(data=data, sha256=hashlib.sha256(data).hexdigest(), width=1, height=1)


def request(*images: InputImage) -> GenerationRequest:
    """A job that starts from the first of them."""
    first = images[0].sha256
    return GenerationRequest(
        id=new_id(), mode=Mode.IMG2IMG, checkpoint="a", prompt="a", seed=1, init_image=first
    )


def submit(shop: Workshop, *images: InputImage) -> str:
    asked = request(*images)
    store_inputs(shop.storage, asked, images)
    return asked.id


def look(shop: Workshop, days: float) -> int:
    return InputSweep(shop.storage, lambda: utc_now() + timedelta(days=days)).look()


def inputs(shop: Workshop) -> set[str]:
    return {each.key for each in shop.storage.list(INPUTS)}


def delete(shop: Workshop, job_id: str) -> None:
    shop.storage.delete_prefix(job_prefix(job_id))


def test_an_input_goes_with_the_last_job_that_shares_it(shop: Workshop) -> None:
    shared, alone, loose = image("shared"), image("alone"), image("loose")
    first, second = submit(shop, shared), submit(shop, shared)
    third = submit(shop, alone)
    store_images(shop.storage, (loose,))
    delete(shop, first)
    delete(shop, third)
    gone = []
    for day in (2, 3.5, 5, 6.5):
        if day == 5:
            delete(shop, second)
        gone.append(look(shop, day))
    assert gone == [0, 2, 0, 1]
    assert inputs(shop) == set()


def test_a_young_input_waits_for_its_request(shop: Workshop) -> None:
    store_images(shop.storage, (image("young"),))
    assert [look(shop, day) for day in (0.5, 0.6, 0.9)] == [0, 0, 0]
    assert read_notice(shop.storage)
    assert inputs(shop)


def test_what_the_cells_of_a_grid_name_stays(shop: Workshop) -> None:
    """Also where its job was never made, or was deleted: the cell may be sent again."""
    cell = image("cell")
    store_images(shop.storage, (cell,))
    grid_id = new_id()
    body = GridRequests(endpoint="a", requests=(request(cell),)).model_dump_json().encode()
    shop.storage.write(grid_key(grid_id), body, "application/json")
    assert [look(shop, day) for day in (2, 3.5, 5)] == [0, 0, 0]
    shop.storage.delete((grid_key(grid_id),))
    assert [look(shop, day) for day in (6.5, 8)] == [0, 1]


def test_a_job_that_uses_it_again_takes_it_off_the_notice(shop: Workshop) -> None:
    again = image("again")
    delete(shop, submit(shop, again))
    look(shop, 2)
    stored = read_notice(shop.storage)
    assert stored
    assert stored.notice.inputs == (again.sha256,)
    submit(shop, again)
    stored = read_notice(shop.storage)
    assert stored
    assert stored.notice.inputs == ()
    assert [look(shop, day) for day in (3.5, 5)] == [0, 0]
    assert inputs(shop) == {input_key(again.sha256)}


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_job_that_comes_in_the_very_moment_of_the_removal_has_its_input(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch, when: str
) -> None:
    again = image("moment")
    delete(shop, submit(shop, again))
    look(shop, 2)
    remove, submitting = type(shop.storage).delete, Thread(target=submit, args=(shop, again))

    def remove_meanwhile(storage: object, keys: tuple[str, ...]) -> None:
        if when == "before":
            submitting.start()
            submitting.join(0.2)  # it found the input, and waits for the end of the removal
            assert submitting.is_alive()
        remove(shop.storage, keys)
        if when == "after":
            submitting.start()
            submitting.join(0.2)

    with monkeypatch.context() as patch:
        patch.setattr(type(shop.storage), "delete", remove_meanwhile)
        assert look(shop, 3.5) == 1
    submitting.join()
    assert inputs(shop) == {input_key(again.sha256)}
    assert [look(shop, day) for day in (5, 6.5)] == [0, 0]


def test_a_sweep_that_was_cut_off_removes_nothing_later(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody may have stored the input again since then."""
    lost = image("lost")
    delete(shop, submit(shop, lost))
    look(shop, 2)

    def stops(*_: object) -> None:
        raise AwsError("the process was killed here")

    with monkeypatch.context() as patch:
        patch.setattr(type(shop.storage), "delete", stops)
        with pytest.raises(AwsError):
            look(shop, 3.5)
    waits: list[float] = []
    assert not keep_in_use(shop.storage, lost.sha256, waits.append)
    assert 30 <= sum(waits) <= 120
    with monkeypatch.context() as patch:
        patch.setattr("core.jobs.inputs.unused._TRIES", 1)
        job_id = submit(shop, lost)
    assert [look(shop, day) for day in (5, 6.5)] == [0, 0]
    assert inputs(shop) == {input_key(lost.sha256)}
    delete(shop, job_id)
    assert [look(shop, day) for day in (8, 9.5)] == [0, 1]


def test_two_dashboards_do_not_disturb_each_other(shop: Workshop) -> None:
    delete(shop, submit(shop, image("both")))
    looks = [Thread(target=look, args=(shop, day)) for day in (2, 2, 3.5, 3.5, 5, 5)]
    for first, second in zip(looks[::2], looks[1::2], strict=True):
        first.start()
        second.start()
        first.join()
        second.join()
    assert inputs(shop) == set()


@rounds(100, 1000)
def test_many_inputs_cost_few_calls(shop: Workshop, rounds: int) -> None:
    """Each request is read once ever; then a look costs a listing of each thousand."""
    keys = [input_key(image(str(number)).sha256) for number in range(rounds)]
    for key in keys:
        shop.storage.write(key, b"x", "image/png")
    kept = [submit(shop, image(str(number))) for number in range(5)]
    calls: list[str] = []
    shop.storage._s3.meta.events.register(
        "before-call", lambda model, **_: calls.append(model.name)
    )
    look(shop, 2)
    assert calls.count("GetObject") == len(kept) + 3  # the requests, the index, the notice twice
    counted = []
    for day in (3.5, 5):
        calls.clear()
        counted.append((look(shop, day), len(calls), calls.count("DeleteObjects")))
    assert counted[0] == (rounds - 5, counted[0][1], 1)
    assert counted[1][0] == 0
    assert max(count for _, count, _ in counted) <= 12
    assert inputs(shop) == set(keys[:5])
