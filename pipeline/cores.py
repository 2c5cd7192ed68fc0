"""How many threads multiply matrices: one, wherever a table comes of it."""

from threadpoolctl import threadpool_limits


def one_core() -> threadpool_limits:
    """Have products of matrices made by one thread, until the block ends or for good.

    More threads give other last digits (OpenBLAS 0.3), so that tables would hang on the number of cores; on
    products as small as an article's they mostly wait for one another.
    """
    return threadpool_limits(1, "blas")
