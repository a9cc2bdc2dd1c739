"""What a file in a folder is: a picture, an archive of pictures, something that simcheck does not read, or no picture.

A name that ends like a picture's is believed. Of any other file the first bytes decide, so that pictures are found
under whatever name they have. Where these say nothing that simcheck reads, the name says which program or camera made
it, so that it is listed instead of being passed over.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto

from simcheck.images.signatures import first_of, known_format, prefixes

__all__ = ["HEAD", "PICTURE_EXTENSIONS", "FileKind", "Unread", "is_comic", "kind_of", "unread"]

HEAD = 4096
"""First bytes that are looked at: a drawing (SVG) may begin with a long comment."""

# fmt: off
PICTURE_EXTENSIONS = frozenset({
    ".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".mpo", ".png", ".apng", ".webp", ".gif", ".tif", ".tiff", ".bmp", ".dib",
    ".heic", ".heif", ".heics", ".heifs", ".hif", ".avif", ".avifs", ".psd", ".psb", ".jp2", ".j2k", ".j2c", ".jpc",
    ".jpf", ".jpx", ".jxl", ".ppm", ".pgm", ".pbm", ".pnm", ".pam", ".pfm", ".tga", ".vda", ".icb", ".vst", ".ico",
    ".cur", ".icns", ".pcx", ".dcx", ".sgi", ".rgb", ".rgba", ".bw", ".qoi", ".dds", ".ras", ".sr", ".hdr", ".xbm",
    ".xpm", ".kra", ".ora", ".dng",
})
"""A file with one of these endings is taken for a picture without being opened."""

_EXPORT = "export the picture as PNG"
_DRAWN = {
    "Clip Studio Paint": (".clip", ".lip", ".cmc"), "Procreate": (".procreate",), "GIMP": (".xcf",),
    "PaintTool SAI": (".sai", ".sai2"),
    "MediBang or FireAlpaca": (".mdp", ".mdiapp"), "Corel Painter": (".rif", ".riff"),
    "Affinity": (".afphoto", ".afdesign", ".afpub", ".af"), "Paint.NET": (".pdn",),
    "PaintShop Pro": (".psp", ".pspimage"),
    "Photo-Paint": (".cpt",), "CorelDRAW": (".cdr",), "Sketch": (".sketch",), "Figma": (".fig",), "Adobe XD": (".xd",),
    "Aseprite": (".aseprite",), "Sketchbook": (".skb", ".skba"), "ibisPaint": (".ipv",), "openCanvas": (".oci", ".wpb"),
    "Tayasui Sketches": (".sketches",), "Rebelle": (".reb",), "ArtRage": (".ptg",), "Illustrator": (".ai", ".ait"),
    "InDesign": (".indd", ".idml"),
}
_FORMATS = {
    "SVG": (".svg", ".svgz"), "PDF": (".pdf",), "PostScript": (".eps", ".epsf", ".ps"), "OpenEXR": (".exr",),
    "JPEG XL": (".jxl",), "JPEG XR": (".jxr", ".wdp", ".hdp"), "DjVu": (".djvu", ".djv"), "FlashPix": (".fpx",),
    "Windows metafiles": (".wmf", ".emf"),
}
_RAW = (
    ".3fr", ".arw", ".cr2", ".cr3", ".crw", ".dcr", ".eip", ".erf", ".fff", ".gpr", ".iiq", ".k25", ".kdc",
    ".mef", ".mos", ".mrw", ".nef", ".nrw", ".orf", ".pef", ".ptx", ".r3d", ".raf", ".raw", ".rw2", ".rwl", ".rwz",
    ".sr2", ".srf", ".srw", ".x3f",
)
_VIDEO = (
    ".mp4", ".m4v", ".mov", ".qt", ".avi", ".mkv", ".webm", ".wmv", ".mpg", ".mpeg", ".m2ts", ".mts", ".flv", ".ogv",
    ".3gp",
)
_PACKED = {
    "RAR archives": (".rar", ".cbr"), "7-Zip archives": (".7z", ".cb7"),
    "tar archives": (".tar", ".cbt", ".tgz", ".txz"),
}
_LAYERED = (".kra", ".ora")
_ZIP = frozenset({".zip", ".cbz"})
_ZIP_OF_OTHERS = frozenset({
    ".apk", ".aab", ".aar", ".appx", ".crx", ".docm", ".docx", ".dotx", ".ear", ".egg", ".epub", ".ipa", ".jar", ".key",
    ".kmz", ".msix", ".numbers", ".nupkg", ".odg", ".odp", ".ods", ".odt", ".pages", ".potx", ".pptm", ".pptx", ".usdz",
    ".vsix", ".war", ".whl", ".xlsm", ".xlsx", ".xpi", ".3mf", ".npz", ".brushset", ".swatches", ".blmap", ".mscz",
})
_FOREIGN = (
    (0, b"\xff\x0a", ".jxl"), (4, b"JXL \r\n", ".jxl"), (0, b"%!PS", ".eps"), (0, b"\xc5\xd0\xd3\xc6", ".eps"),
    (0, b"%PDF", ".pdf"), (0, b"CSFCHUNK", ".clip"), (0, b"gimp xcf", ".xcf"), (0, b"v/1\1", ".exr"),
    (4, b"ftypcrx", ".cr3"), (0, b"FUJIFILMCCD-RAW", ".raf"), (0, b"IIU\0", ".rw2"), (0, b"IIRO", ".orf"),
    (0, b"IIRS", ".orf"), (0, b"MMOR", ".orf"), (0, b"FOVb", ".x3f"), (0, b"\0MRM", ".mrw"), (0, b"PDN3", ".pdn"),
    (0, b"Paint Shop Pro Image File", ".psp"), (0, b"AT&TFORM", ".djvu"), (0, b"II\xbc", ".jxr"),
    (0, b"\0\xffKA", ".af"), (4, b"\xe0\xa5", ".aseprite"), (0, b"Rar!\x1a\x07", ".rar"),
    (0, b"7z\xbc\xaf\x27\x1c", ".7z"), (257, b"ustar", ".tar"),
    (4, b"ftypisom", ".mp4"), (4, b"ftypiso", ".mp4"), (4, b"ftypmp4", ".mp4"), (4, b"ftypM4V", ".m4v"),
    (4, b"ftypqt", ".mov"), (4, b"ftyp3g", ".3gp"), (4, b"ftypavc", ".mp4"), (4, b"moov", ".mov"),
    (8, b"AVI LIST", ".avi"), (0, b"\x1aE\xdf\xa3", ".mkv"), (0, b"FLV\1", ".flv"), (0, b"\0\0\1\xba", ".mpg"),
)
# fmt: on
_FOREIGN_AT = prefixes(_FOREIGN)
_SVG = re.compile(rb"(?:\xef\xbb\xbf|<\?xml[^>]*>|<!DOCTYPE svg[^>]*>|<!--(?:(?!-->).)*-->|\s)*<svg\b", re.DOTALL)


class FileKind(Enum):
    PICTURE = auto()
    ARCHIVE = auto()
    """A Zip archive: what is in it is looked at in turn."""
    OTHER = auto()


@dataclass(frozen=True, slots=True)
class Unread:
    """A picture, film or archive of a kind that simcheck does not read, and what to do about it."""

    what: str
    advice: str


_UNREAD: dict[str, Unread] = {
    **{end: Unread(f"files of {name}", _EXPORT) for name, ends in _DRAWN.items() for end in ends},
    **{end: Unread(name, _EXPORT) for name, ends in _FORMATS.items() for end in ends},
    **dict.fromkeys(_RAW, Unread("a camera's raw files", "develop the photograph and save it as JPEG or PNG")),
    **dict.fromkeys(_VIDEO, Unread("films", "save the frames that matter as PNG")),
    **{end: Unread(name, "unpack it into a folder") for name, ends in _PACKED.items() for end in ends},
}


def kind_of(name: str, head: bytes, *, named: bool = False) -> FileKind | Unread:
    """What a file is, by its name and its first `HEAD` bytes. ``named``: a person named it, so that it is a picture
    if it can be anything at all."""
    ending = _ending(name)
    if is_picture(head) and not (ending in _RAW and known_format(head) == "TIFF"):
        return FileKind.PICTURE
    if head.startswith((b"PK\3\4", b"PK\5\6")):
        says = head[38:70] if head[30:38] == b"mimetype" else b""
        if ending in _LAYERED or b"image/openraster" in says or b"application/x-kr" in says:
            return FileKind.PICTURE
        if ending in _UNREAD:
            return _UNREAD[ending]
        return FileKind.OTHER if ending in _ZIP_OF_OTHERS and not named else FileKind.ARCHIVE
    if known := _UNREAD.get(ending) or unread(head):
        return known
    if ending in _ZIP:
        return FileKind.ARCHIVE  # which will say what is wrong with it
    return FileKind.PICTURE if named or ending in PICTURE_EXTENSIONS else FileKind.OTHER


def unread(head: bytes) -> Unread | None:
    """What these are the first bytes of, if it is anything that simcheck does not read."""
    ending = first_of(head, _FOREIGN, _FOREIGN_AT) or (".svg" if _SVG.match(head) else None)
    if ending is None and head.startswith(b"PK\3\4"):
        return Unread("this kind of Zip archive", _EXPORT)
    return _UNREAD[ending] if ending else None


def is_picture(head: bytes) -> bool:
    """Whether these are the first bytes of a picture that simcheck reads. Short signatures must be borne out."""
    match known_format(head):
        case None:
            return False
        case "BMP":
            return head[6:10] == bytes(4) and head[14:18] in {n.to_bytes(4, "little") for n in _BMP_HEADERS}
        case "ICO":
            return 0 < int.from_bytes(head[4:6], "little") <= 256 and head[9:10] == b"\0"
        case "SGI":
            return (
                head[2:3] in (b"\0", b"\1") and head[3:4] in (b"\1", b"\2") and head[4:6] in (b"\0\1", b"\0\2", b"\0\3")
            )
        case "PBM" | "PGM" | "PPM" | "PFM":
            return re.match(rb"P\w\s+(#[^\n]*\n\s*)*\d+\s", head) is not None
        case _:
            return True


_BMP_HEADERS = (12, 16, 40, 52, 56, 64, 108, 124)


def is_comic(name: str) -> bool:
    """Whether an archive is meant to hold pictures, and nothing else."""
    return _ending(name) == ".cbz"


def _ending(name: str) -> str:
    """``.CLIP`` -> ``.clip``, and ``work.clip~`` or ``work.clip.bak`` -> ``.clip``: copies that programs leave."""
    stem = re.sub(r"(~|\.bak\d*|\.old|\.orig|\.tmp)$", "", name.lower())
    dot = stem.rfind(".")
    return stem[dot:] if dot > 0 else ""
