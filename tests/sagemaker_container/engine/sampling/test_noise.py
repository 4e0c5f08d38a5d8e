"""The noise of a seed, and its interpolation to a variation seed's."""

import pytest
import torch

from sagemaker_container.engine.sampling.dpmpp_sde import BrownianNoise
from sagemaker_container.engine.sampling.noise import Seeds, slerp, start_noise

SHAPE = (4, 16, 8)


def noise_of(*seeds: Seeds) -> torch.Tensor:
    return start_noise(seeds, [one.generator() for one in seeds], SHAPE)


def test_a_seed_alone_is_pytorchs_noise_on_the_cpu() -> None:
    wanted = torch.randn(SHAPE, generator=torch.Generator().manual_seed(7))
    assert torch.equal(noise_of(Seeds(7), Seeds(8))[0], wanted)
    assert torch.equal(noise_of(Seeds(7, 9, 0.0))[0], wanted)


def test_a_variation_lies_between_two_noises() -> None:
    low, high = noise_of(Seeds(7), Seeds(9))
    variations = [noise_of(Seeds(7, 9, share))[0] for share in (0.25, 0.5, 1.0)]
    distances = [(variation - low).norm() for variation in variations]
    assert distances == sorted(distances)
    assert torch.allclose(variations[2], high, atol=1e-5)
    assert all(
        variation.std() == pytest.approx(1, abs=0.1) for variation in variations
    )  # a straight line has 0.7


def test_slerp_is_a1111s() -> None:
    """Its formula, written out for one column of two."""
    low, high = torch.tensor([[[3.0], [0.0]]]), torch.tensor([[[0.0], [2.0]]])
    half = slerp(0.5, low, high)[0, :, 0]
    assert half.tolist() == pytest.approx([3 * 0.5**0.5, 2 * 0.5**0.5])
    assert torch.equal(slerp(0.25, low, low), low)


def test_later_noise_does_not_depend_on_the_variation() -> None:
    """Ancestral samplers continue with the seed's generator."""
    first, second = Seeds(7).generator(), Seeds(7, 9, 0.5).generator()
    start_noise([Seeds(7)], [first], SHAPE)
    start_noise([Seeds(7, 9, 0.5)], [second], SHAPE)
    assert torch.equal(torch.randn(3, generator=first), torch.randn(3, generator=second))


@pytest.mark.parametrize("towards", [0, torch.inf])
def test_dpmpp_sdes_noise_may_be_asked_for_a_bit_beyond_its_ends(towards: float) -> None:
    """exp(log(sigma)) of 4095.9998 is 4096 on some processors; of a path, 2e-4 is such a bit."""
    sigmas = torch.tensor([4095.999756, 0.0291675, 0])
    noise = BrownianNoise(torch.zeros(1, *SHAPE), sigmas, 7)
    asked = torch.nextafter(sigmas, torch.tensor(towards, dtype=sigmas.dtype))[:2]
    assert torch.allclose(noise(*asked), noise(*sigmas[:2]), atol=1e-3)
    assert noise(*asked).std() == pytest.approx(1, abs=0.1)
