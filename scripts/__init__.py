"""What is run by hand: set-up and checks here; ``measure``, ``build``, ``train`` and ``painted`` beside."""
