"""`python -m demo.evaluate --models DIR --out DIR`: figures and grids."""

import argparse
import tempfile
from pathlib import Path

from demo.evaluation.evaluation import PARTS, Evaluation
from demo.evaluation.judge import Judge, trained_judge
from demo.evaluation.pipelines import PipelineRunner, write_configs
from demo.training import weights
from demo.training.settings import PRESETS, TrainingRun
from demo.training.tokens import clip_tokenizer
from demo.training.training_loop import DEVICE
from demo.vocabulary import find_vocabulary


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m demo.evaluate", description=__doc__)
    parser.add_argument("--run", type=Path, help="judge with the judge that this run trained")
    parser.add_argument("--models", type=Path, required=True, help="folder of the shipped files")
    parser.add_argument("--out", type=Path, required=True, help="folder for figures and grids")
    parser.add_argument("--size", type=float, default=1.0, help="share of the pictures to draw")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=list(PARTS))
    options = parser.parse_args(arguments)
    run = TrainingRun(options.run) if options.run else None
    settings = run.settings if run else PRESETS["full"]
    vocabulary = run.vocabulary if run else find_vocabulary()
    options.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        configs = write_configs(settings, Path(folder))
        runner = PipelineRunner(options.models, configs, clip_tokenizer(vocabulary), DEVICE)
        judge = (_judge_of(run) if run else trained_judge()).to(DEVICE)
        Evaluation(runner, judge, options.out, options.size).run(options.parts)
    return 0


def _judge_of(run: TrainingRun) -> Judge:
    judge = Judge(8 if run.tiny else 48)
    judge.load_state_dict(weights.load(run.folder, "judge"))
    return judge.eval()


if __name__ == "__main__":
    raise SystemExit(main())
