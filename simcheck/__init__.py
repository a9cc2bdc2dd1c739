"""simcheck: evidence that others can check of how a picture resembles an artist's works."""

__all__ = ["__version__"]

__version__ = "0.1.0"
