"""Runs an upscale job: an image is made larger, without a checkpoint and a prompt."""

from collections.abc import Mapping

from PIL import Image

from formats.generation.infotext import MAX_INFOTEXT, write
from formats.generation.progress import Stage
from formats.generation.result import ErrorCode
from formats.generation.upscaling import Upscale
from formats.limits import MAX_IMAGE_PIXELS
from formats.version import VERSION
from sagemaker_container.engine.job.files import JobFetcher, UpscaleFiles
from sagemaker_container.engine.job.infotext import upscaler_name
from sagemaker_container.engine.job.model_loader import JobModelLoader
from sagemaker_container.engine.job.outputs import OutputImage
from sagemaker_container.engine.job.run import JobRun
from sagemaker_container.engine.models.latents import AddNote
from sagemaker_container.engine.sampling.noise import Seeds
from sagemaker_container.engine.upscale.file import UpscalerNet
from sagemaker_container.engine.upscale.hires import image_upscaler
from sagemaker_container.errors import JobError
from sagemaker_container.texts import images as texts


def run_upscale(run: JobRun, options: Upscale, fetcher: JobFetcher, models: JobModelLoader) -> None:
    """Make the larger image and store it. Raises JobError, JobCancelled."""
    monitor, record = run.monitor, run.record
    monitor.begin_stage(Stage.FETCHING)
    with record.timed("fetch"):
        files = fetcher.fetch_upscale(run.request, run.download_check(fetcher))
    size = _target_size(files.image, options.scale)
    monitor.begin_stage(Stage.LOADING)
    with record.timed("load"):
        net = _load_network(run, files, models)
    monitor.begin_stage(Stage.DRAWING)
    with record.timed("enlarge"):
        free_memory = models.free_device_memory
        upscaler = image_upscaler(options.upscaler, net, record.add_note, free_memory)
        image = upscaler.upscale(files.image, *size, monitor.check)
    done = _postprocessing(options)
    infotext = _infotext(files, done, record.add_note)
    seeds, postprocessing = Seeds(run.request.seed), write("", "", done)
    output = OutputImage(image, seeds, infotext, postprocessing=postprocessing)
    run.writer.add_image(output)
    run.finish()


def _load_network(run: JobRun, files: UpscaleFiles, models: JobModelLoader) -> UpscalerNet | None:
    if files.upscaler is None:
        return None
    net, applied = models.load_upscaler(files.upscaler, run.monitor.check)
    run.record.models.extend(applied)
    return net


def _target_size(image: Image.Image, scale: float) -> tuple[int, int]:
    """Raises JobError(BAD_REQUEST) for a size that is too large for an input image."""
    width, height = round(image.width * scale), round(image.height * scale)
    if width * height > MAX_IMAGE_PIXELS:
        message = texts.upscaled_too_large(width, height)
        raise JobError(ErrorCode.BAD_REQUEST, message, "upscale.scale")
    return width, height


def _postprocessing(options: Upscale) -> dict[str, object]:
    """How the image is upscaled, as A1111's Extras tab says it."""
    return {
        "Postprocess upscale by": f"{options.scale:g}",
        "Postprocess upscaler": upscaler_name(options.upscaler),
    }


def _infotext(files: UpscaleFiles, done: Mapping[str, object], add_note: AddNote) -> str:
    """The image's own infotext as it is; where it has none, what was done and by whom."""
    if files.infotext and len(files.infotext) <= MAX_INFOTEXT:
        return files.infotext
    if files.infotext:
        add_note(texts.INFOTEXT_LOST)
    return write("", "", {**done, "Version": f"Contrapposto {VERSION}"})
