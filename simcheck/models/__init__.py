"""Networks by name, digest and preprocessing; the only part of simcheck that imports torch or open_clip.

`choose` says which network is meant, `resolve` finds its weights (and fetches them where `named` says that the person
asked for it), `load` makes it an `ImageEncoder`. `choose_tokens` and `load_tokens` are `choose` and `load` for vectors
of the places in a picture (`TokenEncoder`). `pull` fetches, and is the only one that does so by itself; `missing` and
`verify` never do. `load_embedded` gives the small network that ships with simcheck. Importing this package imports
neither torch nor open_clip nor the hub's library.
"""

from simcheck.models.catalogue import DEFAULT_MODEL, KNOWN, LISTED, WORDLESS, KnownModel, Preprocessing
from simcheck.models.digest import Verification
from simcheck.models.embedded import EmbeddedNetwork, Shipped, load_embedded, shipped, verify_shipped
from simcheck.models.encoder import ImageEncoder, load
from simcheck.models.locate import again, missing, pull, resolve, verify
from simcheck.models.spec import LocalModel, ModelSpec, choose, is_offline, named, offline_by
from simcheck.models.tokens import TokenEncoder, choose_tokens, load_tokens

__all__ = [
    "DEFAULT_MODEL",
    "KNOWN",
    "LISTED",
    "WORDLESS",
    "EmbeddedNetwork",
    "ImageEncoder",
    "KnownModel",
    "LocalModel",
    "ModelSpec",
    "Preprocessing",
    "Shipped",
    "TokenEncoder",
    "Verification",
    "again",
    "choose",
    "choose_tokens",
    "is_offline",
    "load",
    "load_embedded",
    "load_tokens",
    "missing",
    "named",
    "offline_by",
    "pull",
    "resolve",
    "shipped",
    "verify",
    "verify_shipped",
]
