"""``simcheck models``: the networks."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Annotated

import typer

from simcheck.cli.options import JsonOption, OfflineOption, start
from simcheck.errors import ModelError, UsageError

if TYPE_CHECKING:
    from simcheck.models import ModelSpec, Verification
    from simcheck.pipeline.configuration import Configuration

__all__ = ["models_app"]

models_app = typer.Typer(no_args_is_help=True, help="Networks: which there are, fetch their weights, prove them.")

_NAMES = "ViT-B-32, NAME:TAG, hf-hub:ORG/NAME, a file or a folder."
ListedOption = Annotated[
    str | None, typer.Option("--model", help=f"Is this one here, too? {_NAMES}", show_default=False)
]
PulledOption = Annotated[
    str | None,
    typer.Option("--model", help=f"Which (also SIMCHECK_MODEL); else the default. {_NAMES}", show_default=False),
]
VerifiedOption = Annotated[str | None, typer.Option("--model", help=f"Only this one. {_NAMES}", show_default=False)]


@models_app.command("list")
def models_list(model: ListedOption = None, json: JsonOption = False) -> None:
    """The networks that simcheck knows: size, licence, what they were trained on, and which are on this computer.

    Looks on this computer only; it does not connect.
    """
    from simcheck import models

    configuration, terminal = start(json)
    chosen = models.choose(model, configuration.model)
    here = {m.name: models.missing(models.ModelSpec.parse(m.name)) is None for m in models.LISTED}
    absent = models.missing(chosen)
    if json:
        rows = [
            {"name": m.name, **asdict(m), "here": here[m.name], "chosen": m.name == str(chosen)} for m in models.LISTED
        ]
        own = {"signal": "copy", "sha256": models.shipped().digest, "card": str(models.shipped().card)}
        return terminal.json({"chosen": str(chosen), "chosen_here": absent is None, "models": rows, "shipped": own})
    terminal.models(models.LISTED, here, str(chosen), models.shipped())
    if str(chosen) not in here:
        terminal.say(f"Chosen, and not in this list: {chosen}.{f' {absent}' if absent else ' It is here.'}")
    return None


@models_app.command("pull")
def models_pull(model: PulledOption = None, offline: OfflineOption = False) -> None:
    """Fetch the weights of a network from the hub, so that `simcheck index` can use it.

    This connects: to the hub (or the mirror that HF_ENDPOINT names), and to where that keeps its files. What arrived
    before a break is kept, and the digest that the hub states is compared.
    """
    from simcheck import models

    kept = "Interrupted. What has arrived is kept; the same command goes on from there."
    configuration, terminal = start(False, kept)
    spec = models.choose(model, configuration.model)
    if spec.path is None and (wish := models.offline_by(offline or configuration.offline)):
        raise UsageError(
            f"`simcheck models pull` needs the network, and simcheck is offline ({wish}). Take that back: leave "
            "--offline out, or unset SIMCHECK_OFFLINE and HF_HUB_OFFLINE."
        )
    before = models.missing(spec)
    with terminal:
        local = models.pull(spec, terminal)
    terminal.say(f"{local.spec}: {local.weights}\nSHA-256 {local.digest}")
    terminal.say("Now run `simcheck index` again." if before else "It was here already: nothing was fetched.")


@models_app.command("verify")
def models_verify(model: VerifiedOption = None) -> None:
    """Prove that the weights on this computer are those that were published. It does not connect.

    Without --model: the network that ships with simcheck, every listed one that is here, and those that SIMCHECK_MODEL,
    SIMCHECK_TOKENS, SIMCHECK_KEYPOINTS or config.toml name. Exit code 7 when one of them is damaged, or when one that
    was named is not here; a listed network that nobody named and that is not here is no fault.
    """
    from simcheck import models

    configuration, terminal = start(False)
    proofs = [_proof(models.ModelSpec.parse(model))] if model else [_shipped_proof, *_proofs(configuration)]
    wrong: list[ModelError] = []
    for prove in proofs:
        try:
            terminal.verified(*prove())
        except ModelError as error:
            wrong.append(error)
    if wrong:
        raise ModelError("\n".join(map(str, wrong)))
    if model is None and not models.named(None, configuration.model) and (absent := models.missing(models.choose())):
        terminal.say(f"{absent} Nobody named it, so that is no fault.")


def _proofs(configuration: Configuration) -> Iterator[Callable[[], tuple[str, Verification]]]:
    """Of all that the person named, here or not, and of every listed network that is here."""
    from simcheck import models

    tokens = None if configuration.tokens == "auto" else configuration.tokens
    wanted = [models.ModelSpec.parse(name) for name in (models.named(None, configuration.model), tokens) if name]
    listed = (models.ModelSpec.parse(entry.name) for entry in models.LISTED)
    for spec in dict.fromkeys([*wanted, *(spec for spec in listed if models.missing(spec) is None)]):
        yield _proof(spec)
    if configuration.keypoints:
        yield partial(_keypoints_proof, configuration.keypoints)


def _proof(spec: ModelSpec) -> Callable[[], tuple[str, Verification]]:
    def prove() -> tuple[str, Verification]:
        from simcheck import models

        found = models.verify(spec)
        if found.damaged:
            raise ModelError(f"{_unlike(found, str(spec))} {models.again(spec)}")
        return str(spec), found

    return prove


def _shipped_proof() -> tuple[str, Verification]:
    from simcheck import models

    name, found = "copy, which ships with simcheck", models.verify_shipped()
    if found.damaged:
        raise ModelError(f"{_unlike(found, name)} Install simcheck again.")
    return name, found


def _keypoints_proof(text: str) -> tuple[str, Verification]:
    from simcheck import models
    from simcheck.models.learned_keypoints import LearnedKeypoints

    network = LearnedKeypoints(text)
    network.load()
    return text, models.Verification(network.path, network.digest, None)


def _unlike(found: Verification, name: str) -> str:
    return (
        f"{found.weights} ({name}) is not what was published: its SHA-256 is {found.digest}, recorded is "
        f"{found.recorded}."
    )
