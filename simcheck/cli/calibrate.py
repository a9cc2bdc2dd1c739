"""``simcheck calibrate``: fit the likelihood ratios again, with pairs of the person's own."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from simcheck.cli.options import IndexOption, NameOption, OfflineOption, QuietOption, start

__all__ = ["calibrate_command"]


def calibrate_command(
    pairs: Annotated[
        Path,
        typer.Argument(
            help="A CSV file with the columns suspect and source (a work of the index; empty for a picture that was "
            "made independently), and perhaps artist.",
            readable=False,
        ),
    ],
    to: Annotated[Path, typer.Option("--to", help="Where to write the calibration (JSON).")],
    index: IndexOption = None,
    name: NameOption = None,
    alone: Annotated[
        bool, typer.Option("--alone", help="Fit to these pairs alone, without those that ship with simcheck.")
    ] = False,
    offline: OfflineOption = False,
    quiet: QuietOption = False,
) -> None:
    """Fit likelihood ratios again with pairs of known origin, and say how well they did in a test."""
    from simcheck.errors import UsageError
    from simcheck.models import is_offline
    from simcheck.pipeline import Choice
    from simcheck.pipeline.calibrating import calibrate
    from simcheck.pipeline.configuration import existing_index

    if not to.absolute().parent.is_dir() or to.is_dir():
        raise UsageError(f"{to} cannot be written: name a file with --to, in a folder that exists.")
    configuration, terminal = start(quiet, "Interrupted. No calibration was written.")
    path = existing_index(index, name, configuration.index)
    choice = Choice(without=("clip",), offline=is_offline(offline or configuration.offline))
    with terminal:
        calibration = calibrate(
            pairs,
            path,
            name=to.stem,
            choice=choice,
            alone=alone,
            watcher=terminal,
            progress=lambda done, total: terminal.progress("fit", done, total),
        )
        try:
            calibration.save(to)
        except OSError as error:
            raise UsageError(f"{to} cannot be written ({error}). Name another file with --to.") from error
    full = calibration.fullest([name for name, *_ in calibration.signals])
    assert full is not None, "a calibration without models is not made"
    told = full.validation
    terminal.say(f"Calibration written to {terminal.place(to.absolute())}")
    terminal.say(f"  tested on {told.h1_suspects} derived and {told.h2_suspects} independent suspects in turn")
    if told.missed:
        terminal.say(
            f"  {told.missed} of {told.h1_suspects} sources were not found among the candidates; those suspects count "
            "with the best work that was shown"
        )
    terminal.say(f"  Cllr {told.cllr.value:.3f}, of which {told.cllr.value - told.cllr_min.value:.3f} by calibration")
    for at in told.misleading:
        share = f"{100 * at.all.value:.1f} % ({100 * at.all.low:.1f} to {100 * at.all.high:.1f})"
        terminal.say(f"  independent suspects at a log10 ratio of {at.llr:.0f} or more: {share}")
    low, high = full.bounds
    terminal.say(f"  it says at most 10^{high:.2f} for and 10^{-low:.2f} against; use it with --calibration")
