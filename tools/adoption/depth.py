"""Whether a customer uses enough of the product, by one rule for every command (persona §8.1: 6+ of 10 features)."""

_ROUNDING = 1e-9


def uses_enough(used: float | None, available: float | None, share: float) -> bool | None:
    """Whether `used` features are at least `share` (0–1, the field's 0.6) of those available: 6 of 10 are, 5 are not.

    None where either number is unknown, or no feature is available.
    """
    if used is None or not available:
        return None
    return used >= share * available - _ROUNDING
