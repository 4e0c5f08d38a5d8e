"""What each mode adds to the form that all of them share."""

from formats.generation.parameters import Mode
from ui.errors import show_at
from ui.form.image.image_field import start_image
from ui.form.image.inpaint import inpaint_form
from ui.form.image.upscaling import hires_form, upscale_form
from ui.form.parameters import parameter_field
from ui.form.state import Form


def mode_parameters(form: Form) -> None:
    """The chosen mode's own fields."""
    match form.get("mode"):
        case Mode.IMG2IMG:
            _img2img(form)
        case Mode.INPAINT:
            inpaint_form(form)
        case Mode.UPSCALE:
            upscale_form(form)
        case _:
            show_at(form.problems, "init_picture")
            hires_form(form)


def _img2img(form: Form) -> None:
    """The image to start from, and how far to leave it."""
    start_image(form)
    parameter_field(form, "denoising_strength")
    parameter_field(form, "resize_mode")
