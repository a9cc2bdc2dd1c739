"""Labelled pairs -> calibration: from raw scores to a likelihood ratio, with its interval and its bounds."""

from simcheck.calibrate.fitting import fit
from simcheck.calibrate.model import Calibration, Model
from simcheck.calibrate.pairs import PairSet, Suspect

__all__ = ["Calibration", "Model", "PairSet", "Suspect", "fit"]
