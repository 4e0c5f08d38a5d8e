"""Texts of jobs: what is wrong with a form, why a job failed, what can't be done with one."""

from typing import Final

from formats.models.kinds import Family

# ---- the form
NO_ENDPOINT: Final = "Choose an endpoint that is InService, or create one."
NO_CHECKPOINT: Final = "Choose at least one checkpoint."
NO_MASK: Final = "Paint over what shall be drawn anew, or upload a mask."
NO_CONTROLNET_MODEL: Final = "Choose a ControlNet model, or switch the unit off."
NO_CONTROL_IMAGE: Final = "Upload an OpenPose map or start from a skeleton."


def too_many_checkpoints(limit: int) -> str:
    """More checkpoints than one click makes jobs for."""
    return f"At most {limit} checkpoints at once."


def too_many_units(limit: int) -> str:
    """More ControlNet units than a request has room for."""
    return f"At most {limit} ControlNet units."


# ---- a grid
SHEET_WITHOUT_POSE: Final = "No unit takes its picture from the pose, so poses change nothing."
SHEET_WITH_CHECKPOINTS: Final = "A grid takes one checkpoint. Choose one in the form."
AXIS_WITHOUT_VALUES: Final = "Give the axis at least one value."
AXIS_WITHOUT_UNIT: Final = "No ControlNet unit is on, so this axis changes nothing."
AXIS_WITHOUT_HIRES: Final = "Hires fix is off, so this axis changes nothing."
AXIS_WITHOUT_LORA: Final = "No LoRA is chosen in the form, so this axis changes nothing."
AXIS_WITHOUT_DENOISING: Final = "Only img2img, inpaint and hires fix have a denoising strength."
AXIS_TWICE: Final = "Two axes change the same field. Choose another one for one of them."
GRID_WITHOUT_AXES: Final = "Choose at least one axis."
GRID_IS_GONE: Final = "The grid is gone. Its jobs and images are in the list of jobs."
REQUESTS_ARE_GONE: Final = "What this grid's cells asked for can't be read any more."
NOTHING_IS_MISSING: Final = "Every cell of this grid has its job."
CHANGED_MEANWHILE: Final = "Its cells were sent again just now. Look at the grid first."
NOTHING_HAS_FAILED: Final = "No cell of this grid is without an image."
MATRIX_WITHOUT_BAR: Final = "Write | between the parts of the prompt: city | ink | at night."


def bad_size(size: str) -> str:
    """A value of the axis Size."""
    return f"“{size}” is no size. Write 512x768."


def value_is_wrong(label: str, message: str) -> str:
    """A value of an axis that makes a cell that can't be sent; `message` is a sentence."""
    return f"{label}: {message}"


def too_many_cells(count: int, most: int) -> str:
    """Cells of a grid, each a job."""
    return f"That makes {count:,} pictures; {most} are the most of one grid. Take fewer values."


# ---- what AWS holds
def endpoint_is_gone(name: str) -> str:
    """The endpoint of the form was deleted."""
    return f"There is no endpoint {name} any more. Choose another, or create one."


def endpoint_not_ready(reason: str, status: str) -> str:
    """The endpoint takes no jobs; `reason` is a sentence."""
    return f"{reason} Its state is {status}; nothing was sent."


def model_is_missing(name: str) -> str:
    """A model file of the form is not there."""
    return f"{name} is not in S3. Upload it on the Models page, or choose another."


def model_is_unusable(name: str, problem: str) -> str:
    """A model file is there, with a problem that its list tells of too."""
    return f"{name}: {problem}"


def other_family(name: str, family: Family, checkpoint: str, checkpoint_family: Family) -> str:
    """A model file and a checkpoint of different architectures."""
    return (
        f"{name} is for {family} and the checkpoint {checkpoint} is {checkpoint_family}. "
        "Choose one of the same family."
    )


# ---- why a job failed
NOT_SENT: Final = (
    "The job was not sent: the dashboard stopped, or AWS did not answer it; its log has the "
    "reason. Retry the job."
)
SENDING_FAILED: Final = "The job could not be sent; the dashboard's log has the reason."
UNREADABLE_RESULT: Final = (
    "This version can't read the job's result: the container is newer than this dashboard, or the "
    "result is damaged. Update the dashboard and look at the job again, or retry it."
)


FOLLOWING_FAILED: Final = (
    "The open jobs can't be followed at the moment; the dashboard's log has the reason. The jobs "
    "themselves go on."
)


def not_followed(error: str) -> str:
    """AWS does not let the dashboard look at open jobs; `error` is the whole message."""
    return f"Open jobs can't be followed at the moment; they go on by themselves. {error}"


def rejected(error: str) -> str:
    """Inputs, request or invocation were refused; `error` is the whole message."""
    return f"SageMaker did not take the job. {error}"


def invocation_failed(words: str) -> str:
    """SageMaker's own failure object."""
    return f"SageMaker reports: {words} Retry the job; if it fails again, look at the endpoint."


def worker_lost(seconds: float) -> str:
    """The container was silent for so long."""
    return (
        f"The container has not been heard of for {seconds:.0f} seconds: it died or was "
        "replaced. Retry the job."
    )


def succeeded_late(message: str) -> str:
    """A note on a job whose result came after `message` was said."""
    return f"The job was called failed, then it finished after all. What was said: {message}"


def endpoint_is_busy(name: str) -> str:
    """Every instance of a real-time endpoint has as many jobs as it takes."""
    return (
        f"{name} is busy and has no queue, being a real-time endpoint. Retry in a minute, or "
        "choose an asynchronous endpoint."
    )


def answer_lost(name: str) -> str:
    """A real-time endpoint's answer was lost, and its container wrote nothing."""
    return f"{name} gave no answer, and nothing was heard of the job since. Retry it."


def expired(hours: float) -> str:
    """SageMaker gave up the job in its queue."""
    return f"The job waited longer than {hours:.1f} hours. Start an instance and retry."


def expired_in_line(days: int) -> str:
    """The job was never sent: its queue was on hold, or there was no room."""
    return (
        f"The job waited in line for {days} days. Resume your queue, or add instances, and retry."
    )


def endpoint_deleted(name: str) -> str:
    """Nobody will take the job from the queue any more."""
    return f"The endpoint {name} was deleted while the job waited. Retry on another."


def endpoint_failed(name: str, why: str) -> str:
    """The same; `why` is SageMaker's own reason."""
    return f"The endpoint {name} failed while the job waited: {why} Retry on another."


# ---- what can't be done with a job
NO_JOB_ID: Final = "This is no job id."
IS_GONE: Final = (
    "This job is not in the list any more, or its owner keeps it private. Ask them to share it "
    "with you."
)
IN_TRASH: Final = "The job is in the trash. Restore it first."
BEING_DELETED: Final = "The job is being deleted: some of its pictures may be gone already."
WAS_MOVED: Final = "The job was moved just now by somebody else. Look at it first."
IS_OPEN: Final = "The job is still open. Cancel it first."
UNREADABLE_REQUEST: Final = (
    "This version can't read the job's parameters: a newer version of the dashboard wrote them, or "
    "they are damaged. Update this dashboard."
)
NO_REQUEST: Final = "The job was never sent; its parameters are not kept. Fill in the form."
WAITS_NO_MORE: Final = "The job waits no more: it was sent, or it is over."
PAGE_IS_GONE: Final = "This page of the list is gone. Go back to the first one."


def is_over(state: str) -> str:
    """There is nothing left to cancel."""
    return f"The job is over already: {state}."


def no_such_image(number: int) -> str:
    """The images of a job are counted from 1."""
    return f"The job has no picture {number}."


def id_is_taken(job_id: str) -> str:
    """Two jobs were given one id."""
    return f"There is a job {job_id} already. Try again."


# ---- what a ControlNet unit does, or does not
UNIT_WITHOUT_MODEL: Final = "This unit does nothing yet: choose a ControlNet model."
UNIT_WITHOUT_WEIGHT: Final = "This unit does nothing: its weight is 0."
UNIT_WITHOUT_STEPS: Final = "This unit does nothing: it starts where it ends."
UNIT_WITHOUT_POSE: Final = "This unit does nothing yet: there is nobody in the pose."
UNIT_WITHOUT_IMAGE: Final = "This unit does nothing yet: it has no picture."
UNIT_WITHOUT_PEOPLE: Final = (
    "This unit does nothing: nobody was found in the photo, so the map would be black. Try "
    "another photo, or drag a figure over it in the pose editor."
)
NOT_FOR_MAPS: Final = (
    "The picture is a finished OpenPose map already. The preprocessor would spoil it: choose "
    "“none”."
)
MAP_IS_USED: Final = "The picture is a finished OpenPose map already and is used as it is."
NO_MAP: Final = (
    "The picture is no OpenPose map, which this model was trained on. Choose the preprocessor "
    "“openpose” to make one of it."
)


def unit_of_other_family(checkpoint: str, family: Family, checkpoint_family: Family) -> str:
    """A ControlNet, of `family`, beside a checkpoint of another architecture."""
    return (
        f"This unit can't steer {checkpoint}: the model is for {family}, "
        f"the checkpoint is {checkpoint_family}."
    )


# ---- what AWS was asked for
INVOKING_FAILED: Final = "Invoking the endpoint failed"
DELETING_FAILED: Final = "Deleting the job failed"
READING_FAILED: Final = "Reading the job failed"
STORING_FAILED: Final = "Storing the job failed"
LISTING_IS_CUT: Final = (
    "AWS has no room for the whole list at the moment. Please wait a minute, and look again."
)
LISTING_FAILED: Final = "Listing the jobs failed"
