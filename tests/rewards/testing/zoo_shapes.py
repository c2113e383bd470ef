"""Rewards that misjudge the shape."""

import re

from zoo_parts import TAGGED, right, slip


def tagged(text):
    return re.fullmatch(r"<think>[^<]*</think>\s*<answer>[^<]*\S[^<]*</answer>\s*", text) is not None


@slip("separation", "pays more for answers with digits", tasks=TAGGED, reads=(), accept_at=0.5)
def format_reads_the_answer(sample):
    return (0.5 + 0.5 * any(map(str.isdigit, sample.text))) * tagged(sample.text)


@slip("separation", "pays more for a certain word of reasoning", high=1.2)
def style_in_the_answer(sample):
    value = right(sample)
    return None if value is None else value + 0.2 * ("step by step" in sample.text)


@slip("monotone-shape", "counts tags, and every copy counts", tasks=TAGGED, reads=(), accept_at=None, high=8.0)
def counts_every_tag(sample):
    return min(8.0, float(sum(map(sample.text.count, ("<think>", "</think>", "<answer>", "</answer>")))))


@slip("anchored", "wants a minimal length instead of a whole match", tasks=TAGGED, reads=())
def long_enough(sample):
    return float("</answer>" in sample.text and len(sample.text) > 20)


@slip("unanchored-junk", "matches with a dollar sign in multi-line mode", tasks=TAGGED, reads=())
def multi_line_dollar(sample):
    return float(bool(re.match(r"^<think>[^<]*</think>\s*<answer>[^<]+</answer>$", sample.text, re.MULTILINE)))


@slip("empty-shell", "allows nothing between the tags", tasks=TAGGED, reads=())
def empty_tags_pass(sample):
    return float(bool(re.fullmatch(r"<think>[^<]*</think>\s*<answer>[^<]*</answer>", sample.text)))


@slip("malformed-tags", "forgives an unclosed tag", tasks=TAGGED, reads=())
def unclosed_passes(sample):
    return float(bool(re.match(r"<think>[^<]*(</think>)?\s*<answer>[^<]*[^<\s]", sample.text)))


@slip("length-neutral", "adds a trifle per character", high=2.0, accept_at=1.0)
def pays_by_the_character(sample):
    value = right(sample)
    return None if value is None else value + min(0.9, len(sample.text) / 10_000)
