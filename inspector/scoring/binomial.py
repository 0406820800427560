"""The binomial distribution, for bounds that hold for small counts."""

import math


def binomial_cdf(events: int, trials: int, p: float) -> float:
    """P(X <= events) for X ~ Binomial(trials, p), summed in logarithms so that large counts do not overflow."""
    if events < 0 or p >= 1:
        return 1.0 if events >= trials else 0.0
    if events >= trials or p <= 0:
        return 1.0
    terms = (
        math.lgamma(trials + 1) - math.lgamma(k + 1) - math.lgamma(trials - k + 1)
        + k * math.log(p) + (trials - k) * math.log1p(-p)
        for k in range(events + 1)
    )  # fmt: skip
    return min(1.0, math.fsum(math.exp(term) for term in terms))
