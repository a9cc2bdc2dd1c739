"""The networks that simcheck knows by name: where they come from, their licence, and what they were trained on.

Any other open_clip architecture and tag works too (`simcheck.models.published`); this table exists because the people
who use simcheck care what a network has seen. `WORDLESS` are networks of timm's that have never seen words: good at
telling the parts of a picture apart (`simcheck.models.tokens`), and of no use for whole ones.

Facts are those of open_clip 3.3's table of checkpoints and its ``docs/PRETRAINED.md``, of timm 1.0, and of the files'
pages on the hub (licence as its page states it). The size is that of float32 weights, images and words together: that
is what is downloaded. A test compares the technical columns with the installed open_clip and timm.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DEFAULT_MODEL", "KNOWN", "LISTED", "WORDLESS", "KnownModel", "Preprocessing", "known"]

DEFAULT_MODEL = "ViT-B-32:datacomp_xl_s13b_b90k"
"""Of the ViT-B-32 checkpoints in open_clip's results table at 224 px this has the best zero-shot accuracy (ImageNet
69.2 %, 38 data sets 57.9 %; the LAION-2B one 66.6 % and 56.9 %), its weights are MIT, ordinary GELU (no QuickGELU
variant to confuse it with), and the index of what it was trained on is published, so that anybody can look up whether
a picture was in it. ViT-B-32 because it is the one that a laptop without a GPU runs at tens of pictures a second."""


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How a checkpoint wants its pictures. ``size`` is (height, width) in pixels."""

    size: tuple[int, int]
    mean: tuple[float, ...] = (0.48145466, 0.4578275, 0.40821073)
    std: tuple[float, ...] = (0.26862954, 0.26130258, 0.27577711)
    interpolation: str = "bicubic"
    resize_mode: str = "shortest"
    """``shortest``: the shorter side to size, then the centre; ``longest``: padded; ``squash``: to size outright."""
    fill_color: int = 0


@dataclass(frozen=True, slots=True)
class KnownModel:
    architecture: str
    tag: str
    repository: str
    """On the hub, ``organisation/name``."""
    preprocessing: Preprocessing
    quick_gelu: bool
    megabytes: int
    licence: str
    trained_on: str
    note: str = ""
    token_width: int = 0
    """Numbers in a token of a network without words; 0 for one of open_clip's, which states it itself."""

    @property
    def name(self) -> str:
        return f"{self.architecture}:{self.tag}"


_DATACOMP = (
    "DataComp-1B: 1.4 billion pictures with captions, scraped from the web (Common Crawl) without asking their makers; "
    "the list of links is published."
)
_LAION = (
    "LAION-2B: 2 billion pictures with English captions, scraped from the web (Common Crawl) without asking their "
    "makers; the list of links was published."
)
_OPENAI = (
    "400 million pictures with captions that OpenAI collected from the web; which ones was never published, so nobody "
    "can check whether a picture was among them."
)
_WEBLI = "WebLI: pictures with texts that Google collected from the web; never published, so nobody can check."
_HALF = (0.5, 0.5, 0.5)
_224 = Preprocessing((224, 224))

KNOWN: tuple[KnownModel, ...] = (
    KnownModel(
        "ViT-B-32",
        "datacomp_xl_s13b_b90k",
        "laion/CLIP-ViT-B-32-DataComp.XL-s13B-b90K",
        _224,
        False,
        605,
        "MIT",
        _DATACOMP,
        "The default.",
    ),
    KnownModel(
        "ViT-B-32",
        "laion2b_s34b_b79k",
        "laion/CLIP-ViT-B-32-laion2B-s34B-b79K",
        _224,
        False,
        605,
        "MIT",
        _LAION,
    ),
    KnownModel(
        "ViT-B-32",
        "openai",
        "timm/vit_base_patch32_clip_224.openai",
        _224,
        True,
        605,
        "Apache-2.0",
        _OPENAI,
        "The first CLIP; needs QuickGELU, which simcheck sets by itself.",
    ),
    KnownModel(
        "ViT-B-16",
        "datacomp_xl_s13b_b90k",
        "laion/CLIP-ViT-B-16-DataComp.XL-s13B-b90K",
        _224,
        False,
        599,
        "MIT",
        _DATACOMP,
        "Sees finer detail; about four times the work of ViT-B-32.",
    ),
    KnownModel(
        "ViT-L-14",
        "datacomp_xl_s13b_b90k",
        "laion/CLIP-ViT-L-14-DataComp.XL-s13B-b90K",
        _224,
        False,
        1711,
        "MIT",
        _DATACOMP,
        "Best of the DataComp ones; slow without a GPU.",
    ),
    KnownModel(
        "ViT-L-14",
        "laion2b_s32b_b82k",
        "laion/CLIP-ViT-L-14-laion2B-s32B-b82K",
        Preprocessing((224, 224), _HALF, _HALF),
        False,
        1711,
        "MIT",
        _LAION,
        "Normalises its pictures unlike the other LAION checkpoints.",
    ),
    KnownModel(
        "ViT-B-16-SigLIP",
        "webli",
        "timm/ViT-B-16-SigLIP",
        Preprocessing((224, 224), _HALF, _HALF, "bicubic", "squash"),
        False,
        813,
        "Apache-2.0",
        _WEBLI,
        "Sees the whole picture, squashed to a square.",
    ),
)


_LVD = (
    "LVD-142M: 142 million pictures without captions, chosen by Meta from 1.2 billion crawled from the web, for being "
    "like those of public data sets; which ones was never published, so nobody can check."
)


def _dinov2(size: str, megabytes: int, width: int, note: str) -> KnownModel:
    """Oquab et al., TMLR 2024; as converted by timm."""
    architecture = f"vit_{size}_patch14_dinov2"
    return KnownModel(
        architecture,
        "lvd142m",
        f"timm/{architecture}.lvd142m",
        Preprocessing((518, 518), (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
        False,
        megabytes,
        "Apache-2.0",
        _LVD,
        note,
        width,
    )


WORDLESS: tuple[KnownModel, ...] = (
    _dinov2("small", 88, 384, "DINOv2: for parts of pictures only; preferred for them once it is here."),
    _dinov2("base", 346, 768, "DINOv2: for parts of pictures only; about four times the work of the small one."),
)
"""For the signal ``patches``, most preferred first."""

LISTED = (*KNOWN, *WORDLESS)


def known(architecture: str | None, tag: str | None) -> KnownModel | None:
    """The entry of that name; without a tag, the first (preferred) one of that architecture."""
    for model in LISTED:
        if model.architecture == architecture and tag in (None, model.tag):
            return model
    return None
