"""An upscale job: a picture made larger, without a checkpoint and without a prompt."""

from dataclasses import dataclass

from PIL import Image

from formats.infotext import extended
from formats.limits import MAX_PICTURE_PIXELS
from formats.progress import Stage
from formats.request import GenerationRequest
from formats.result import ErrorCode
from formats.upscaling import Upscale
from sagemaker_container import VERSION
from sagemaker_container.engine.hires import enlarger
from sagemaker_container.engine.job_files import UpscaleFiles
from sagemaker_container.engine.monitor import Monitor
from sagemaker_container.engine.noise import Seeds
from sagemaker_container.engine.outputs import OutputWriter
from sagemaker_container.engine.picture_info import upscaler_name
from sagemaker_container.engine.record import Record
from sagemaker_container.engine.tools import Tools
from sagemaker_container.engine.upscaler_file import UpscalerNet
from sagemaker_container.errors import JobError


@dataclass(frozen=True)
class UpscaleRun:
    """One upscale job on its way through the worker."""

    tools: Tools
    request: GenerationRequest
    monitor: Monitor
    record: Record
    writer: OutputWriter

    def make(self, upscale: Upscale) -> None:
        """Make the larger picture and store it. Raises JobError, JobCancelled."""
        check, record = self.monitor.check, self.record
        self.monitor.stage(Stage.FETCHING)
        with record.timed("fetch"), self.tools.prefetcher.paused(self.request, check):
            files = self.tools.files.fetch_upscale(self.request, upscale, check)
        size = _larger(files.picture, upscale.scale)
        self.monitor.stage(Stage.LOADING)
        with record.timed("load"):
            net = self._net(files)
        self.monitor.stage(Stage.DRAWING)
        with record.timed("enlarge"):
            larger = enlarger(upscale.upscaler, net).enlarged(files.picture, *size, check)
        self.writer.add_picture(larger, Seeds(self.request.seed), _infotext(files, upscale))

    def _net(self, files: UpscaleFiles) -> UpscalerNet | None:
        if files.upscaler is None:
            return None
        net, applied = self.tools.shelf.take_upscaler(files.upscaler, self.monitor.check)
        self.record.models.extend(applied)
        return net


def _larger(picture: Image.Image, scale: float) -> tuple[int, int]:
    """Raises JobError(BAD_REQUEST) for a size that nothing here would read again."""
    width, height = round(picture.width * scale), round(picture.height * scale)
    if width * height > MAX_PICTURE_PIXELS:
        message = (
            f"The picture would have {width} x {height} pixels, {MAX_PICTURE_PIXELS:,} is the "
            "limit; choose a smaller scale."
        )
        raise JobError(ErrorCode.BAD_REQUEST, message, "upscale.scale")
    return width, height


def _infotext(files: UpscaleFiles, upscale: Upscale) -> str:
    """What the picture said of itself, and what was done to it (A1111's Extras tab)."""
    return extended(
        files.infotext or "",
        {
            "Postprocess upscale by": f"{upscale.scale:g}",
            "Postprocess upscaler": upscaler_name(upscale.upscaler),
            "Version": None if files.infotext else f"Contrapposto {VERSION}",
        },
    )
