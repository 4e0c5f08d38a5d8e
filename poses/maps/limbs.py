"""Links joints by the limbs drawn between them.

A limb is an ellipse in its own hue with a joint at each tip. A link is judged by the ellipse's
area: what of it has the limb's hue, what other colours cover, and what is black.
"""

from collections import defaultdict
from typing import Final, NamedTuple

import numpy as np

from formats.openpose.pose_map import LIMBS
from poses.maps.joints import Joint, distance
from poses.maps.pixels import Grid, Layer

_LANES: Final = np.array((-0.6, -0.3, 0.0, 0.3, 0.6))
"""Where a limb is sampled across, in its half-widths."""

_STEP: Final = 1.2
"""Pixels between samples along a limb."""

_COVERED_WEIGHT: Final = 0.35
_BLACK_WEIGHT: Final = -0.6
"""Of a sample where another colour is, and where it is black; one of the limb's hue counts 1."""

_MIN_SCORE: Final = 0.3
_MIN_OWN: Final = 0.12
_MIN_OWN_IF_COVERED: Final = 0.03
_MAX_BLACK_IF_COVERED: Final = 0.05
"""A link needs this score and this share of its hue; of one that is covered nearly wholly, less."""

MIN_PROOF: Final = 0.3
_MIN_OWN_IF_DOUBTFUL: Final = 0.4
"""Share of its hue from which on a limb proves its joints, and links doubtful ones."""

_HIDDEN_LIMB: Final = 5
_MIN_OWN_IF_HIDDEN: Final = 0.5
"""So few samples tell nothing: the joints' discs hide the limb. Doubtful joints need this share."""

_COVER_COST: Final = 0.15
_SUPPORT: Final = 0.5
_CHAIN: Final = 0.25
"""Where links compete: what a covered sample costs, what the other links of their joints count, and
what it counts, of its own gain, that a link goes on from another."""

_LINE_SAMPLES: Final = 24


class Evidence(NamedTuple):
    """Shares of a limb's samples, and how many there are."""

    own: float
    covered: float
    black: float
    samples: int

    @property
    def score(self) -> float:
        """How clearly the limb shows, up to 1."""
        return self.own + _COVERED_WEIGHT * self.covered + _BLACK_WEIGHT * self.black

    @property
    def gain(self) -> float:
        """How much of the map the limb explains, in samples."""
        return (self.own + _BLACK_WEIGHT * self.black - _COVER_COST * self.covered) * self.samples


class Link(NamedTuple):
    """A limb between two joints."""

    kind: int
    """Index in `LIMBS`."""
    start: Joint
    end: Joint
    gain: float
    own: float
    """Share of its samples that have its hue; 0 where the joints' discs hide it."""

    @property
    def ends(self) -> tuple[Joint, Joint]:
        """Its joints."""
        return self.start, self.end


def limb_evidence(layer: Layer, kind: int, a: Joint, b: Joint, radius: float) -> Evidence | None:
    """What the map shows of a limb between two joints; None where their discs hide it."""
    length = distance(a, b)
    if length <= 2 * radius + 1.5:
        return None
    samples = max(4, int(length / _STEP))
    along = (np.arange(samples) + 0.5) / samples
    along = along[np.minimum(along, 1 - along) * length > radius + 0.5]
    if not len(along):
        return None
    half_width = radius * np.sqrt(1 - (2 * along - 1) ** 2)
    ux, uy = (b.x - a.x) / length, (b.y - a.y) / length
    across = half_width[:, None] * _LANES
    columns = np.round(a.x + ux * length * along[:, None] - uy * across).astype(int)
    rows = np.round(a.y + uy * length * along[:, None] + ux * across).astype(int)
    return _sampled(layer, kind, columns, rows)


def _sampled(layer: Layer, kind: int, columns: Grid, rows: Grid) -> Evidence:
    """What lies off the map counts as covered."""
    height, width = layer.limbs.shape
    inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    columns, rows = np.clip(columns, 0, width - 1), np.clip(rows, 0, height - 1)
    own = float((layer.limb_masks[kind][rows, columns] & inside).mean())
    black = float((~layer.pixels.not_black[rows, columns] & inside).mean())
    return Evidence(own, 1 - own - black, black, inside.size)


def link_joints(layer: Layer, joints: list[Joint], radius: float) -> list[Link]:
    """The links between joints; no joint has two limbs of a kind.

    Where links compete, the one wins that explains the most of the map, together with the other
    links that its joints may have.
    """
    possible = [_possible_links(layer, kind, joints, radius) for kind in range(len(LIMBS))]
    gains: dict[Joint, dict[int, float]] = defaultdict(dict)
    for link in (link for competing in possible for link in competing):
        for joint in link.ends:
            gains[joint][link.kind] = max(link.gain, gains[joint].get(link.kind, 0.0))
    links: list[Link] = []
    for competing in possible:
        links += _best(competing, gains, {joint for link in links for joint in link.ends})
    return links


def _best(
    competing: list[Link], gains: dict[Joint, dict[int, float]], linked: set[Joint]
) -> list[Link]:
    def rank(link: Link) -> tuple[float, float]:
        others = (
            gain for end in link.ends for kind, gain in gains[end].items() if kind != link.kind
        )
        chain = _CHAIN * link.gain if link.start in linked else 0.0
        worth = round((link.gain + _SUPPORT * sum(others) + chain) / 5)
        visible = min(0.8, link.start.visible_share, link.end.visible_share)
        return -worth - 2 * visible, distance(*link.ends)

    taken: set[Joint] = set()
    best = []
    for link in sorted(competing, key=rank):
        if not taken & set(link.ends):
            taken |= set(link.ends)
            best.append(link)
    return best


def _possible_links(layer: Layer, kind: int, joints: list[Joint], radius: float) -> list[Link]:
    starts, ends = ([joint for joint in joints if joint.index == end] for end in LIMBS[kind])
    promising = _promising(layer, kind, (starts, ends), radius)
    links = (_link(layer, kind, starts[i], ends[j], radius) for i, j in np.argwhere(promising))
    return [link for link in links if link]


def _promising(
    layer: Layer, kind: int, joints: tuple[list[Joint], list[Joint]], radius: float
) -> Grid:
    """Which pairs are close, or have the limb's hue on the line between them, (starts, ends)."""
    starts, ends = (np.array([(j.x, j.y) for j in some]).reshape(-1, 2) for some in joints)
    a, b = starts[:, None, None], ends[None, :, None]
    shares = (np.arange(_LINE_SAMPLES) + 0.5)[:, None] / _LINE_SAMPLES
    height, width = layer.limbs.shape
    columns, rows = np.moveaxis(np.round(a + (b - a) * shares).astype(int), -1, 0)
    columns, rows = np.clip(columns, 0, width - 1), np.clip(rows, 0, height - 1)
    shows = layer.limb_masks[kind][rows, columns].any(-1)
    is_close = np.hypot(*np.moveaxis(a - b, -1, 0))[..., 0] <= 3 * radius
    promising: Grid = shows | is_close
    return promising


def _link(layer: Layer, kind: int, a: Joint, b: Joint, radius: float) -> Link | None:
    seen = limb_evidence(layer, kind, a, b, radius)
    is_doubtful = a.is_doubtful or b.is_doubtful
    if seen is None or seen.samples <= _HIDDEN_LIMB * max(1.0, 0.35 * radius):
        own = seen.own if seen else 0.0
        is_limb = not is_doubtful or own >= _MIN_OWN_IF_HIDDEN
        return (
            Link(kind, a, b, 0.0, own if seen and seen.samples >= 10 else 0.0) if is_limb else None
        )
    is_clear = seen.score >= _MIN_SCORE and seen.own >= (
        _MIN_OWN_IF_DOUBTFUL if is_doubtful else _MIN_OWN
    )
    is_covered = seen.own >= _MIN_OWN_IF_COVERED and seen.black < _MAX_BLACK_IF_COVERED
    is_limb = is_clear or (is_covered and not is_doubtful)
    return Link(kind, a, b, seen.gain, seen.own) if is_limb else None


def off_limb(columns: Grid, rows: Grid, link: Link, margin: float) -> Grid:
    """Which of some pixels lie farther than `margin` from the line of a limb."""
    (a, b), length = link.ends, max(distance(*link.ends), 1e-6)
    ux, uy = (b.x - a.x) / length, (b.y - a.y) / length
    along = (columns - a.x) * ux + (rows - a.y) * uy
    across = (rows - a.y) * ux - (columns - a.x) * uy
    off: Grid = (along < -margin) | (along > length + margin) | (np.abs(across) > margin)
    return off
