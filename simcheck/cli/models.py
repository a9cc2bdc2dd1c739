"""``simcheck models``: the networks."""

from __future__ import annotations

from dataclasses import asdict

import typer

from simcheck.cli.options import JsonOption, ModelOption, OfflineOption, start
from simcheck.errors import UsageError

__all__ = ["models_app"]

models_app = typer.Typer(no_args_is_help=True, help="Networks: which there are, fetch their weights, prove them.")


@models_app.command("list")
def models_list(model: ModelOption = None, json: JsonOption = False) -> None:
    """The networks that simcheck knows: size, licence, what they were trained on, and which are on this computer."""
    from simcheck import models

    configuration, terminal = start(json)
    chosen = models.choose(model, configuration.model)
    here = {m.name: models.missing(models.ModelSpec.parse(m.name), offline=True) is None for m in models.LISTED}
    if json:
        rows = [
            {"name": m.name, **asdict(m), "here": here[m.name], "chosen": m.name == str(chosen)} for m in models.LISTED
        ]
        own = {"signal": "copy", "sha256": models.shipped().digest, "card": str(models.shipped().card)}
        return terminal.json({"chosen": str(chosen), "models": rows, "shipped": own})
    return terminal.models(models.LISTED, here, str(chosen), models.shipped())


@models_app.command("pull")
def models_pull(model: ModelOption = None, offline: OfflineOption = False) -> None:
    """Download the weights of a network, so that `simcheck index` can use it."""
    from simcheck import models

    configuration, terminal = start(False)
    if models.is_offline(offline or configuration.offline):
        raise UsageError("`simcheck models pull` needs the network; leave out --offline and unset SIMCHECK_OFFLINE.")
    with terminal:
        local = models.pull(models.choose(model, configuration.model), terminal)
    terminal.say(f"{local.spec}: {local.weights}\nSHA-256 {local.digest}\nNow run `simcheck index` again.")


@models_app.command("verify")
def models_verify(model: ModelOption = None) -> None:
    """Prove that the weights on this computer are those that were published: simcheck's own network, and a CLIP's."""
    from simcheck import models

    configuration, terminal = start(False)
    chosen = models.choose(model, configuration.model)
    if model is None:
        terminal.verified("copy, which ships with simcheck", models.verify_shipped())
        if absent := models.missing(chosen, offline=True):
            return terminal.say(absent)
    return terminal.verified(str(chosen), models.verify(chosen))
