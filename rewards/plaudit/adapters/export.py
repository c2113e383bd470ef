"""`plaudit export`: the small file that a trainer is pointed at, naming the recipe and importing the rest."""

from __future__ import annotations

import json
import keyword
import re
import shlex
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from string import Template
from types import MappingProxyType

from plaudit.adapters.areal import DEADLINE_SECONDS
from plaudit.adapters.judge import Judge
from plaudit.errors import ConfigError, UnknownNameError, nearest
from plaudit.recipe import shipped


@dataclass(frozen=True)
class Trainer:
    """A trainer that can be pointed at a file.

    Attributes:
        title: What it calls itself.
        point: How it is pointed at the file; `$function`, `$kind` and `$name` stand for the recipe's.
        template: The file's template, where several trainers share one.
        served: The path at which `plaudit serve` answers it; it is given no file then.
        knows_no_score: It can leave out a completion, so that no fallback is needed.
        deadline_seconds: A deadline that the file sets unless another is asked for.
    """

    title: str
    point: str
    template: str = ""
    served: str = ""
    knows_no_score: bool = False
    deadline_seconds: float | None = None


TRAINERS = MappingProxyType(
    {
        "trl": Trainer("TRL", "trl grpo --reward_funcs reward.$function", knows_no_score=True),
        "unsloth": Trainer(
            "Unsloth", "GRPOTrainer(..., reward_funcs=[reward.$function])", template="trl", knows_no_score=True
        ),
        "axolotl": Trainer("Axolotl", "trl.reward_funcs: [reward.$function]", template="trl", knows_no_score=True),
        "verl": Trainer("verl", "reward.custom_reward_function.path=reward.py, name: compute_score"),
        "openrlhf": Trainer("OpenRLHF", "--reward.remote_url reward.py"),
        "nemo-rl": Trainer("NeMo-RL", 'register_env("$name", "reward.$kind"), see the how-to page'),
        "verifiers": Trainer("verifiers", 'rewards.$function.fn = "reward.py:$function"', knows_no_score=True),
        "skyrl": Trainer("SkyRL", "reward.register_environment() in the run's Ray task, env_class: $name"),
        "ms-swift": Trainer("ms-swift", "--external_plugins reward.py --reward_funcs $name", knows_no_score=True),
        "areal": Trainer("AReaL", 'RLVRWorkflow(reward_fn="reward.reward_fn", ...)', deadline_seconds=DEADLINE_SECONDS),
        "slime": Trainer("slime", "--custom-rm-path reward.custom_rm"),
        "rllm": Trainer("rLLM", "evaluator: reward:evaluate"),
        "easyr1": Trainer("EasyR1", "worker.reward.reward_function=reward.py:compute_score"),
        "roll": Trainer("ROLL", "rewards.<domain>.worker_cls: reward.$kind"),
        "art": Trainer("ART", "await reward.score(trajectory, row) at the end of your rollout", knows_no_score=True),
        "tinker-cookbook": Trainer("tinker-cookbook", "partial(reward.$kind, renderer, question, row) as env_thunk"),
        "llama-factory": Trainer(
            "LLaMA-Factory",
            "plaudit serve, then reward_model: http://127.0.0.1:8900/llamafactory",
            served="/llamafactory",
        ),
    }
)
"""Name on the command line -> the trainer."""


ELSEWHERE = MappingProxyType(
    {
        "nemo-gym": "NeMo-Gym asks a server: `plaudit serve --recipe R` answers its /verify.",
        "eval-protocol": "eval-protocol asks a server: `plaudit serve --recipe R` answers its /reward.",
        "prime-rl": "prime-rl scores through verifiers: plaudit export verifiers.",
        "rloo": "TRL's trainers all take the same function: plaudit export trl.",
        "grpo": "TRL's trainers all take the same function: plaudit export trl.",
    }
)
"""What a user may ask for by another name than the one it goes by here -> where it is."""


def trainer(name: str) -> Trainer:
    """Return a trainer by name.

    Raises:
        UnknownNameError: None is called so; the nearest name is given.
    """
    if name not in TRAINERS:
        help_ = ELSEWHERE.get(name.lower()) or nearest(name, TRAINERS)
        raise UnknownNameError(f"No trainer is called {name!r}. {help_} `plaudit export` lists all.")
    return TRAINERS[name]


def exported(name: str, judge: Judge) -> str:
    """Return the file for a trainer, once it is sure that the judge can work there.

    Raises:
        ConfigError: No such trainer or recipe, a fallback is needed, or the trainer asks a server.

    >>> print(exported("openrlhf", Judge("unsloth", fallback=0.0)).splitlines()[-2])
    def reward_func(queries, prompts, labels):
    """
    target = trainer(name)
    judge = _settled(judge, target)
    if not target.knows_no_score:
        judge.needs_fallback(target.title)
    if target.served:
        raise ConfigError(
            f"{target.title} asks a server, not a file. Run `{_serve_command(judge)}` and point it at "
            f"http://127.0.0.1:8900{target.served}."
        )
    words = {"name": judge.name, "function": identifier(judge.name), "kind": class_name(judge.name)}
    head = (
        f'"""{judge.name!r} as a reward of {target.title}, written by `{_command(name, judge)}`.\n\n'
        f'Point at it: {Template(target.point).substitute(words)}\n"""\n'
    )
    text = files("plaudit.adapters").joinpath("files", f"{target.template or name}.py.txt").read_text(encoding="utf-8")
    return Template(text).substitute(words, head=head, judge=_written(judge))


def identifier(name: str) -> str:
    """Return a reward's name as one of a function.

    >>> identifier("answer-match"), identifier("3d")
    ('answer_match', 'reward_3d')
    """
    word = re.sub(r"\W", "_", name)
    return f"reward_{word}" if not word.isidentifier() or keyword.iskeyword(word) else word


def class_name(name: str) -> str:
    """Return a reward's name as one of a class.

    >>> class_name("answer-match")
    'AnswerMatch'
    """
    return "".join(word[:1].upper() + word[1:] for word in identifier(name).split("_"))


def _settled(judge: Judge, target: Trainer) -> Judge:
    """Name a recipe's file so that it is found from any folder, and set the trainer's deadline."""
    source = judge.source
    if isinstance(source, str) and source.endswith((".yaml", ".yml", ".toml")):
        source = str(Path(source).resolve())
    seconds = judge.deadline_seconds if judge.deadline_seconds is not None else target.deadline_seconds
    return Judge(source, judge.fallback, judge.gold, seconds)


def _written(judge: Judge) -> str:
    settings = {"fallback": judge.fallback, "gold": judge.gold, "deadline_seconds": judge.deadline_seconds}
    given = [f"{name}={json.dumps(value)}" for name, value in settings.items() if value is not None]
    return f"Judge({', '.join([json.dumps(judge.source, ensure_ascii=False), *given])})"


def _command(name: str, judge: Judge) -> str:
    settings = {"--fallback": judge.fallback, "--gold": judge.gold, "--deadline": judge.deadline_seconds}
    given = [f"{option} {shlex.quote(str(value))}" for option, value in settings.items() if value is not None]
    return " ".join([f"plaudit export {name} --recipe {shlex.quote(str(judge.source))}", *given])


def _serve_command(judge: Judge) -> str:
    source = str(judge.source)
    option = "--recipe" if source in shipped() or source.endswith((".yaml", ".yml", ".toml")) else "--reward"
    settings = {option: source, "--fallback": judge.fallback, "--deadline": judge.deadline_seconds}
    given = [f"{name} {shlex.quote(str(value))}" for name, value in settings.items() if value is not None]
    return " ".join(["plaudit serve", *given])
