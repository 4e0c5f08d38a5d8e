"""An upscale job: a picture made larger, without a checkpoint and without a prompt."""

from typing import Final

from PIL import Image

from formats.generation.infotext import extended
from formats.generation.progress import Stage
from formats.generation.result import ErrorCode
from formats.generation.upscaling import Upscale
from formats.limits import MAX_IMAGE_PIXELS
from formats.version import VERSION
from sagemaker_container.engine.job.files import JobFetcher, UpscaleFiles
from sagemaker_container.engine.job.infotext import upscaler_name
from sagemaker_container.engine.job.model_loader import Shelf
from sagemaker_container.engine.job.outputs import Finished
from sagemaker_container.engine.job.run import JobRun
from sagemaker_container.engine.models.latents import AddNote
from sagemaker_container.engine.sampling.noise import Seeds
from sagemaker_container.engine.upscale.file import UpscalerNet
from sagemaker_container.engine.upscale.hires import enlarger
from sagemaker_container.errors import JobError

LEFT_OUT: Final = "What the picture said of how it was made was too long to be kept."


def upscale(run: JobRun, asked: Upscale, fetcher: JobFetcher, shelf: Shelf) -> None:
    """Make the larger picture and store it. Raises JobError, JobCancelled."""
    monitor, record = run.monitor, run.record
    monitor.begin_stage(Stage.FETCHING)
    with record.timed("fetch"):
        files = fetcher.fetch_upscale(run.request, asked, monitor.check)
    size = _larger(files.picture, asked.scale)
    monitor.begin_stage(Stage.LOADING)
    with record.timed("load"):
        net = _net(run, files, shelf)
    monitor.begin_stage(Stage.DRAWING)
    with record.timed("enlarge"):
        chosen = enlarger(asked.upscaler, net, record.note, shelf.caches.drop_idle)
        larger = chosen.enlarged(files.picture, *size, monitor.check)
    infotext = _infotext(files, asked, record.note)
    run.writer.add_picture(Finished(larger, Seeds(run.request.seed), infotext))
    run.finish()


def _net(run: JobRun, files: UpscaleFiles, shelf: Shelf) -> UpscalerNet | None:
    if files.upscaler is None:
        return None
    net, applied = shelf.take_upscaler(files.upscaler, run.monitor.check)
    run.record.models.extend(applied)
    return net


def _larger(picture: Image.Image, scale: float) -> tuple[int, int]:
    """Raises JobError(BAD_REQUEST) for a size that nothing here would read again."""
    width, height = round(picture.width * scale), round(picture.height * scale)
    if width * height > MAX_IMAGE_PIXELS:
        message = (
            f"The picture would have {width} x {height} pixels, {MAX_IMAGE_PIXELS:,} is the "
            "limit; choose a smaller scale."
        )
        raise JobError(ErrorCode.BAD_REQUEST, message, "upscale.scale")
    return width, height


def _infotext(files: UpscaleFiles, upscale: Upscale, note: AddNote) -> str:
    """What the picture said of itself, and what was done to it (A1111's Extras tab)."""
    done = {
        "Postprocess upscale by": f"{upscale.scale:g}",
        "Postprocess upscaler": upscaler_name(upscale.upscaler),
    }
    if files.infotext:
        try:
            return extended(files.infotext, done)
        except ValueError:
            note(LEFT_OUT)
    return extended("", {**done, "Version": f"Contrapposto {VERSION}"})
