"""Calibration: what is fitted to pairs of known origin, what it may say, and what it must refuse.

The pairs are drawn from a generator, with a truth that is known; nothing here is a measurement of simcheck.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcheck.errors import StoreError
from simcheck.records import Comparison, SignalIdentity
from simcheck.records.likelihood import Bound
from simcheck.scoring.calibrate import Calibration, PairSet, Suspect, fit
from simcheck.scoring.calibrate.fitting import _folds, ranked, surprises_of
from simcheck.scoring.calibrate.fitting import tested as cross_validated
from simcheck.scoring.metrics import cllr, cllr_min, misleading
from simcheck.scoring.rates import Unrelated
from simcheck.shipped import reference_folder

NAMES = ("first", "second")
IDENTITIES = {name: SignalIdentity(name, 1) for name in NAMES}
TABLE = Unrelated(
    "made up",
    "a test",
    60,
    tuple(i.comparable for i in IDENTITIES.values()),
    np.random.default_rng(7).normal(size=(4000, 2)).astype(np.float32),
    digest="ab" * 32,
)


def drawn(seed: int = 1, each: int = 60) -> PairSet:
    """Scores of independent works are standard normal, those of the right work lie 3 and 2 above. ``second`` abstains
    on every tenth pair."""
    generator = np.random.default_rng(seed)
    suspects: list[Suspect] = []
    owner: list[int] = []
    scores: list[list[float]] = []
    derived: list[bool] = []
    kinds = ("derived", "edited", "same hand", "other")
    for number in range(each * len(kinds)):
        kind = kinds[number % len(kinds)]
        works = (5, 50)[number // len(kinds) % 2]
        suspects.append(Suspect(kind, kind, f"hand {number // 4 % 15}", f"source {number}", works, works))
        for work in range(works):
            right = work == 0 and kind in ("derived", "edited")
            first, second = generator.normal(size=2) + ((3, 2) if right else (0, 0))
            owner.append(number)
            scores.append([first, np.nan if generator.random() < 0.1 else second])
            derived.append(right)
    values = np.array(scores, np.float32)
    identities = tuple(i.comparable for i in IDENTITIES.values())
    artists = tuple(f"reference {n % 7}" for n in range(len(owner)))
    return PairSet("drawn", identities, tuple(suspects), np.array(owner), values, np.array(derived), artists)


@pytest.fixture(scope="module")
def calibration() -> Calibration:
    return fit(drawn(), TABLE, "a test")


def compared(*scores: float | None) -> list[tuple[str, Comparison]]:
    return [
        (name, Comparison(None, "blank") if score is None else Comparison(score))
        for name, score in zip(NAMES, scores, strict=True)
    ]


def ratio(calibration: Calibration, works: int, *scores: float | None) -> float:
    found = calibration.ratio(compared(*scores), IDENTITIES, TABLE, works)
    assert found is not None
    assert found.low <= found.value <= found.high
    assert found.bounds[0] <= found.low
    assert found.high <= found.bounds[1]
    free = found.unbounded
    assert free.low <= free.value <= free.high
    assert found.value == pytest.approx(min(max(free.value, found.bounds[0]), found.bounds[1]), abs=1e-3)
    assert (found.at_bound is Bound.UPPER) == (free.value >= found.bounds[1])
    assert (found.at_bound is Bound.LOWER) == (free.value <= found.bounds[0])
    return found.value


def test_it_tells_what_was_drawn(calibration: Calibration) -> None:
    """On new suspects, drawn in the same way, it is calibrated, and evidence hardly ever points the wrong way."""
    new = drawn(seed=2)
    features = surprises_of(new, TABLE)
    llrs: dict[bool, list[float]] = {True: [], False: []}
    for number, suspect in enumerate(new.suspects):
        rows = np.nonzero((new.owner == number) & ~np.isnan(features).any(axis=1))[0]
        rows = rows[new.derived[rows]] if suspect.derived else rows
        values = [ratio(calibration, suspect.works, *map(float, new.scores[row])) for row in rows]
        llrs[suspect.derived] += [max(values)] if values else []
    assert np.median(llrs[True]) > 1
    assert np.median(llrs[False]) < -0.5
    assert cllr(llrs[True], llrs[False]) - cllr_min(llrs[True], llrs[False]) < 0.1
    assert misleading(llrs[False], 1.0) <= 0.1


SCORES = st.floats(-4, 12, allow_nan=False, width=32)


@given(SCORES, SCORES, SCORES, st.integers(1, 5000), st.integers(1, 5000))
@settings(max_examples=80, deadline=None)
def test_more_alike_is_never_less_and_more_works_never_more(
    calibration: Calibration, first: float, second: float, more: float, works: int, others: int
) -> None:
    low, high = sorted((first, more))
    assert ratio(calibration, works, low, second) <= ratio(calibration, works, high, second)
    few, many = sorted((works, others))
    assert ratio(calibration, many, first, second) <= ratio(calibration, few, first, second)
    values = compared(first, second)
    assert calibration.ratio(values, IDENTITIES, TABLE, works) == calibration.ratio(
        values[::-1], IDENTITIES, TABLE, works
    )


def test_what_another_work_reaches_as_well_says_little(calibration: Calibration) -> None:
    """The lead counts: the nearer the work beside it, the lower the ratio, and never higher than far ahead of it."""
    values = compared(4.0, 3.0)
    told = [
        calibration.ratio(values, IDENTITIES, TABLE, 50, compared(*other))
        for other in ((4.0, 3.0), (2.0, 1.5), (0.0, None), (-3.0, -3.0))
    ]
    ratios = [each.unbounded.value for each in told if each]
    assert ratios == sorted(ratios)
    assert ratios[0] < ratios[-1] - 0.5
    assert all(each and each.beside and each.validation == "first+second:beside" for each in told)
    alone = calibration.ratio(values, IDENTITIES, TABLE, 50)
    assert alone is not None
    assert (alone.beside, alone.validation) == (False, "first+second")
    ahead = calibration.ratio(values, IDENTITIES, TABLE, 50, compared(9.0, 9.0))
    assert ahead is not None
    assert ahead.unbounded.value == ratios[0], "behind another work there is no lead"


def test_a_calibration_with_leads_survives_the_file(calibration: Calibration, tmp_path: Path) -> None:
    calibration.save(tmp_path / "calibration.json")
    again = Calibration.load(tmp_path / "calibration.json")
    assert json.loads((tmp_path / "calibration.json").read_text("utf-8"))["format"] == 2
    assert again.digest == calibration.digest
    given = (compared(3.0, 2.0), IDENTITIES, TABLE, 50, compared(1.0, 0.0))
    first, second = again.ratio(*given), calibration.ratio(*given)
    assert first is not None
    assert second is not None
    assert first.value == pytest.approx(second.value, abs=1e-3)
    before = replace(calibration, models=tuple(replace(model, lead=None) for model in calibration.models))
    before.save(tmp_path / "before.json")
    assert json.loads((tmp_path / "before.json").read_text("utf-8"))["format"] == 1, "as an earlier simcheck wrote it"


def test_a_large_portfolio_lowers_the_ratio(calibration: Calibration) -> None:
    """The best of fifty is more alike by chance than the best of five."""
    assert ratio(calibration, 1000, 2.5, 1.5) < ratio(calibration, 5, 2.5, 1.5) - 0.3


def test_bounds_are_what_the_test_bears_out(calibration: Calibration) -> None:
    for model in calibration.models:
        for each in filter(None, (model, model.lead)):
            low, high = each.bounds
            # 60 by the same artist (the 60 others are not those of which H2 speaks), and one misleading one granted
            assert 0.3 <= high <= np.log10(61)
            # so many derived suspects look independent that nothing found says no more
            told = np.array(each.validation.h1)
            assert low >= np.log10(max((told < 0).mean(), 1 / 121)) - 0.02, (
                "never lower than all kinds together bear out"
            )
            assert min(told.min(), min(each.validation.h2)) >= low
    model = next(m for m in calibration.models if m.signals == NAMES)
    assert ratio(calibration, 1, 1000, 1000) == model.bounds[1], "without another work it stands alone"


def test_abstaining_is_a_case_of_its_own_and_no_zero(calibration: Calibration) -> None:
    assert {model.signals for model in calibration.models} == {("first",), ("second",), NAMES}
    alone, with_nothing = ratio(calibration, 50, 3.0, None), ratio(calibration, 50, 3.0, -4.0)
    assert alone > with_nothing
    assert calibration.ratio(compared(None, None), IDENTITIES, TABLE, 50) is None


def test_another_version_or_another_table_is_uncalibrated(calibration: Calibration) -> None:
    other = {**IDENTITIES, "second": SignalIdentity("second", 2)}
    assert calibration.usable(other, TABLE) == ("first",)
    found = calibration.ratio(compared(3.0, 3.0), other, TABLE, 5)
    assert found is not None
    assert found.signals == ("first",)
    assert calibration.usable(IDENTITIES, replace(TABLE, digest="cd" * 32)) == ()
    assert calibration.usable(IDENTITIES, None) == ()


def test_the_file_says_all_and_the_same_pairs_give_the_same_bytes(calibration: Calibration, tmp_path: Path) -> None:
    calibration.save(tmp_path / "calibration.json")
    again = Calibration.load(tmp_path / "calibration.json")
    assert again.digest == calibration.digest
    assert again.facts(["first+second"]) == calibration.facts(["first+second"])
    assert ratio(again, 50, 2.0, 2.0) == pytest.approx(ratio(calibration, 50, 2.0, 2.0), abs=1e-3)
    fit(drawn(), TABLE, "a test").save(tmp_path / "again.json")
    assert (tmp_path / "again.json").read_bytes() == (tmp_path / "calibration.json").read_bytes()


def test_the_order_of_pairs_does_not_matter(calibration: Calibration) -> None:
    """Only what is drawn at random for small portfolios may move a little."""
    pairs = drawn()
    order = np.lexsort((np.random.default_rng(3).random(len(pairs.owner)), pairs.owner))
    shuffled = replace(
        pairs, owner=pairs.owner[order], scores=pairs.scores[order], derived=pairs.derived[order],
        artists=tuple(pairs.artists[i] for i in order),
    )  # fmt: skip
    other = fit(shuffled, TABLE, "a test")
    for mine, theirs in zip(calibration.models, other.models, strict=True):
        np.testing.assert_allclose(mine.coefficients, theirs.coefficients, atol=0.15)


@pytest.mark.parametrize("content", ["{}", "[1]", "no json", '{"format": 1}'])
def test_a_damaged_file_is_named(content: str, tmp_path: Path) -> None:
    (tmp_path / "calibration.json").write_text(content, encoding="utf-8")
    with pytest.raises(StoreError, match=r"calibration\.json cannot be read"):
        Calibration.load(tmp_path / "calibration.json")


def test_a_later_file_is_refused(calibration: Calibration, tmp_path: Path) -> None:
    calibration.save(tmp_path / "calibration.json")
    document = json.loads((tmp_path / "calibration.json").read_text("utf-8"))
    (tmp_path / "calibration.json").write_text(json.dumps({**document, "format": 3}), encoding="utf-8")
    with pytest.raises(StoreError, match="Update simcheck"):
        Calibration.load(tmp_path / "calibration.json")


def test_too_few_suspects_are_refused() -> None:
    pairs = drawn(each=3)
    with pytest.raises(ValueError, match="too few"):
        fit(pairs, TABLE, "a test")


def test_no_hand_is_in_two_folds_and_every_suspect_is_tested_once() -> None:
    pairs = drawn()
    folds = _folds(pairs)
    for artist in {s.artist for s in pairs.suspects}:
        assert len({folds[n] for n, s in enumerate(pairs.suspects) if s.artist == artist}) == 1
    cases, llrs = cross_validated(pairs, TABLE, (0, 1))
    assert len(llrs) == len(cases.suspects)
    assert len(set(cases.suspects.tolist())) == len(cases.suspects)
    assert len(cases.suspects) >= 0.95 * len(pairs.suspects), "only where `second` abstained on the right work"


def test_what_is_tested_was_not_learned() -> None:
    """One artist whose independent works all look derived: learning from them would hide it."""
    pairs = drawn()
    first = np.r_[True, pairs.owner[1:] != pairs.owner[:-1]]
    odd = np.array([pairs.suspects[n].artist == "hand 0" and not pairs.suspects[n].derived for n in pairs.owner])
    odd &= first
    scores = pairs.scores.copy()
    scores[odd] = 6.0
    changed = replace(pairs, scores=scores)
    cases, llrs = cross_validated(changed, TABLE, (0, 1))
    mine = [changed.suspects[n].artist == "hand 0" and not changed.suspects[n].derived for n in cases.suspects]
    assert llrs[mine].min() > 0.5


def test_pairs_round_trip_and_damage_is_told(tmp_path: Path) -> None:
    pairs = drawn(each=12)
    pairs.save(tmp_path, {"seed": 1})
    again = PairSet.load(tmp_path)
    assert again.digest == pairs.digest
    joined = pairs.joined(again, "both")
    assert len(joined.suspects) == 2 * len(pairs.suspects)
    assert joined.owner.max() == len(joined.suspects) - 1
    with pytest.raises(ValueError, match="cannot be joined"):
        pairs.joined(replace(pairs, signals=(("other", 1, "", "{}", "{}"), pairs.signals[1])), "both")
    (tmp_path / "calibration_pairs.npz").write_bytes(b"nothing")
    with pytest.raises(StoreError, match="cannot be read"):
        PairSet.load(tmp_path)


def missing(pairs: PairSet, count: int) -> PairSet:
    """The right works of the first ``count`` derived suspects were not among those that were shown."""
    lost = [n for n, suspect in enumerate(pairs.suspects) if suspect.derived][:count]
    stay = ~(pairs.derived & np.isin(pairs.owner, lost))
    artists = tuple(artist for artist, stays in zip(pairs.artists, stay, strict=True) if stays)
    return replace(
        pairs, owner=pairs.owner[stay], scores=pairs.scores[stay], derived=pairs.derived[stay], artists=artists
    )


def test_a_source_that_was_not_found_counts_with_the_best_work_that_was_shown() -> None:
    """Left out, misses would make the test look better, and let nothing found say more than it does."""
    pairs = drawn(each=24)
    lost = missing(pairs, 8)
    assert len(lost.missed) == 8
    whole, cut = (fit(each, TABLE, "a test").models[0] for each in (pairs, lost))
    assert (whole.validation.missed, cut.validation.missed) == (0, 8)
    assert cut.validation.h1_suspects == whole.validation.h1_suspects == 48
    assert cut.validation.cllr.value > whole.validation.cllr.value + 0.05
    assert cut.bounds[0] > whole.bounds[0] + 0.1, "nothing found says less"
    cases, _ = cross_validated(lost, TABLE, (0,))
    for number in lost.missed:
        shown = lost.scores[lost.owner == number, 0].max()
        expected = surprises_of(lost, TABLE)[lost.owner == number, 0].max()
        assert cases.features[cases.suspects == number].tolist() == [[expected]], shown


def test_a_work_on_which_a_signal_abstained_was_not_missed() -> None:
    """It was shown, by what the other signals said; this model has no part in that."""
    pairs = drawn(each=24)
    scores = pairs.scores.copy()
    first = pairs.owner == next(n for n, s in enumerate(pairs.suspects) if s.derived)
    scores[first & pairs.derived, 1] = np.nan
    changed = replace(pairs, scores=scores)
    assert not changed.missed
    cases, _ = cross_validated(changed, TABLE, (1,))
    assert pairs.owner[first][0] not in cases.suspects


def test_a_file_of_an_earlier_version_loads_and_is_the_same_file(calibration: Calibration, tmp_path: Path) -> None:
    calibration.save(tmp_path / "new.json")
    document = json.loads((tmp_path / "new.json").read_text("utf-8"))
    assert all(model["validation"].pop("missed") == 0 for model in document["models"])
    assert all(model["validation"].pop("sets") for model in document["models"])
    assert document.pop("sealed")
    assert document.pop("with_seal")
    text = json.dumps(document, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"
    (tmp_path / "old.json").write_text(text, encoding="utf-8")
    old = Calibration.load(tmp_path / "old.json")
    assert {(model.validation.missed, model.validation.sets) for model in old.models} == {(None, None)}
    assert old.digest == hashlib.sha256(text.encode()).hexdigest()
    assert Calibration.load(tmp_path / "new.json").models[0].validation.missed == 0


def test_without_a_hand_nothing_of_it_is_left() -> None:
    pairs = drawn(each=12)
    out = {"hand 3", "reference 5"}
    left = pairs.without(out)
    assert 0 < len(left.suspects) < len(pairs.suspects)
    assert not {s.artist for s in left.suspects} & out
    assert not set(left.artists) & out
    source_gone = {
        n for n, artist, right in zip(pairs.owner, pairs.artists, pairs.derived, strict=True) if right and artist in out
    }
    assert source_gone
    kept = [
        (pairs.suspects[n], artist, row.tobytes())
        for n, artist, row in zip(pairs.owner, pairs.artists, pairs.scores, strict=True)
        if pairs.suspects[n].artist not in out and artist not in out and n not in source_gone
    ]
    assert not left.missed, "a suspect whose work is left out was not missed by anything"
    again = zip(left.owner, left.artists, left.scores, strict=True)
    assert [(left.suspects[n], artist, row.tobytes()) for n, artist, row in again] == kept
    assert pairs.without(()).digest == pairs.digest


def test_ranking_knows_no_more_than_the_test_does() -> None:
    """The best pair of an independent suspect, among those that no signal abstains on, is the case that is tested."""
    pairs = drawn()
    values = ranked(pairs, TABLE)
    cases, llrs = cross_validated(pairs, TABLE, (0, 1), bounded=False)
    spoken = ~np.isnan(pairs.scores).any(axis=1)
    best = [values[spoken & (pairs.owner == number)].max() for number in cases.suspects[~cases.derived]]
    assert best == pytest.approx(llrs[~cases.derived])
    assert not np.isnan(values).any(), "an abstention is no reason to leave a work out of the order"


def test_the_shipped_calibration_is_fitted_to_the_shipped_pairs_and_signals() -> None:
    from simcheck.signals import load

    folder = reference_folder()
    shipped, pairs, table = Calibration.find(None, folder), PairSet.load(folder), Unrelated.load(folder)
    assert shipped is not None
    assert shipped.pairs == pairs.digest
    identities = {name: kind().identity() for name, kind in load(pairs.names).items()}
    assert shipped.usable(identities, table) == pairs.names, "fit the calibration again: a signal has changed"
    assert len(shipped.models) == 2 ** len(pairs.names) - 1


def test_signals_that_never_speak_together_have_no_model_and_break_nothing() -> None:
    pairs = drawn(each=12)
    scores = pairs.scores.copy()
    scores[:, 1] = np.nan
    found = fit(replace(pairs, scores=scores), TABLE, "a test")
    assert [model.signals for model in found.models] == [("first",)]
    fullest = found.fullest(NAMES)
    assert fullest is not None
    assert fullest.signals == ("first",)
    assert found.fullest(("second",)) is None
    scores[:] = np.nan
    with pytest.raises(ValueError, match="too few suspects"):
        fit(replace(pairs, scores=scores), TABLE, "a test")


@pytest.mark.parametrize("damage", ["short", "none", "not a number", "swapped"])
def test_a_calibration_with_damaged_numbers_is_refused(calibration: Calibration, tmp_path: Path, damage: str) -> None:
    calibration.save(tmp_path / "own.json")
    document = json.loads((tmp_path / "own.json").read_text("utf-8"))
    model = document["models"][-1]
    match damage:
        case "short":
            del model["coefficients"][0]
        case "none":
            model["replicates"] = []
        case "not a number":
            model["coefficients"][0] = float("nan")
        case _:
            model["bounds"] = model["bounds"][::-1]
    (tmp_path / "own.json").write_text(json.dumps(document), "utf-8")
    with pytest.raises(StoreError, match="cannot be read"):
        Calibration.load(tmp_path / "own.json")
