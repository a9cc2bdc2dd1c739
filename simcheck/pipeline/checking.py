"""Whether an index is as it was written: everything in it is read once."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from simcheck.errors import ModelError, StoreError
from simcheck.records import SignalIdentity, Silent, Watcher
from simcheck.retrieval.upkeep import faults_of
from simcheck.scoring.rates import STEM, Unrelated
from simcheck.signals import configured, load, names
from simcheck.signals.base import Settings, Signal
from simcheck.store import ANEW, REPAIR, Store

__all__ = ["Checked", "check"]


@dataclass(frozen=True, slots=True)
class Checked:
    """What was read, and what of it is damaged, a sentence for each."""

    works: int
    descriptions: int
    search_files: int
    faults: tuple[str, ...]
    lasting: tuple[str, ...] = ()
    """Those of them that describing the pictures again does not mend."""

    def refuse(self, path: Path, *, taken_out: bool = False) -> None:
        """Raises StoreError, which says what to do, for damage that is still there."""
        if self.lasting or (self.faults and not taken_out):
            what, remedy = (self.lasting, ANEW) if self.lasting else (self.faults, REPAIR)
            raise StoreError(f"The index {path} is damaged: {what[0]}. Your pictures are not touched. {remedy}")


def check(path: Path, *, take_out: bool = False, wait_seconds: float = 600, watcher: Watcher) -> Checked:
    """Read all of the index at ``path``: SQLite's structure, every row and its checksum, and every search file.

    With ``take_out`` what is damaged is forgotten, so that the next `index` describes it again. Raises StoreMissing,
    StoreTooNew, StoreBusy, and StoreError where the structure is so broken that nothing can be read.
    """
    with Store.open(path, write=take_out, wait_seconds=wait_seconds, watcher=watcher) as store:
        found = store.look_through(lambda done, total: watcher.progress("check descriptions", done, total))
        said = [fault.said for fault in found.faults]
        if take_out:
            with store.batch() as batch:
                for fault in found.faults:
                    batch.take_out(fault)
        # a description that is damaged still cannot be held against anything: then only digests are compared
        signals = _signals(store) if take_out or not said else {}
        wrong, files = faults_of(store, signals, watcher)
        if table := _fault_of_pairs(store.path):
            wrong |= {store.path / f"{STEM}{suffix}": table for suffix in (".json", ".npz")}
        said += [f"{file}: {why}" for file, why in wrong.items()]
        if take_out:
            for file in wrong:
                file.unlink(missing_ok=True)
    lasting = tuple(fault.said for fault in found.faults if not fault.table)
    return Checked(found.works, found.descriptions, files, tuple(said), lasting)


def _signals(store: Store) -> dict[SignalIdentity, Signal]:
    """Those in the index whose vectors this computer can make from descriptors, without any network."""
    stored = store.identities()
    usable: dict[SignalIdentity, Signal] = {}
    for name in names():
        if not load([name])[name].retrieval or name not in {identity.name for identity in stored}:
            continue
        (signal,) = configured([name], Settings(offline=True)).values()
        try:
            signal.prepare(Silent())
        except ModelError:
            continue  # only the digests of its files are compared
        if store.described(signal.identity()):
            usable[signal.identity()] = signal
    return usable


def _fault_of_pairs(folder: Path) -> str:
    """What is wrong with the table of the portfolio's own pairs; empty where there is none, or nothing."""
    if not any((folder / f"{STEM}{suffix}").exists() for suffix in (".json", ".npz")):
        return ""
    try:
        Unrelated.load(folder)
    except StoreError as error:
        return str(error.__cause__)
    return ""
