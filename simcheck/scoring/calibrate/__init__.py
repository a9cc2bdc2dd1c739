"""Labelled pairs -> calibration: from raw scores to a likelihood ratio, with its interval and its bounds."""

from simcheck.scoring.calibrate.fitting import fit
from simcheck.scoring.calibrate.model import Calibration, Model
from simcheck.scoring.calibrate.pairs import PairSet, Suspect

__all__ = ["Calibration", "Model", "PairSet", "Suspect", "fit"]
