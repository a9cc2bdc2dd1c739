"""Walk folders, open pictures safely, turn them upright, to sRGB on white, bounded in size, with their SHA-256."""

from simcheck.images.files import hash_file
from simcheck.images.kinds import PICTURE_EXTENSIONS
from simcheck.images.preview import encode_preview
from simcheck.images.read import READING, Limits, read_otherwise, read_picture
from simcheck.images.walk import FoundFile, Walk, walk
from simcheck.images.workers import Reader

__all__ = [
    "PICTURE_EXTENSIONS",
    "READING",
    "FoundFile",
    "Limits",
    "Reader",
    "Walk",
    "encode_preview",
    "hash_file",
    "read_otherwise",
    "read_picture",
    "walk",
]
