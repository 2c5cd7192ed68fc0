"""multilingual-e5's Unigram tokenizer, over all of its pieces or any choice of them."""

from collections.abc import Sequence

from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers


def tokenizer(
    pieces: Sequence[str], scores: Sequence[float], unknown: int, reads: Sequence[tuple[str, str]] = ()
) -> Tokenizer:
    """Return the tokenizer, with offsets into the text as given.

    `reads` are regexes and what the tokenizer reads in place of a match; "" passes over it.
    """
    unigram = Tokenizer(models.Unigram(list(zip(pieces, map(float, scores), strict=True)), unk_id=unknown))
    unigram.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            *(normalizers.Replace(Regex(what), instead) for what, instead in reads),
            normalizers.Replace(Regex(r"\s+"), " "),  # as XLM-R's own map does
        ]
    )
    unigram.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    return unigram
