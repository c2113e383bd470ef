"""Rewards that mistake right for wrong, or wrong for right."""

import difflib
import re

from zoo_parts import NOTATIONS, box, num, right, slip


@slip("gold-accepted", "reads numbers without their sign")
def drops_the_minus(sample):
    found, gold = re.search(r"\d+(\.\d+)?", box(sample.text)), str(sample.columns["answer"] or "")
    return float(bool(found) and found[0] == gold) if gold else None


@slip("gold-accepted", "compares the text with its white space", tasks=NOTATIONS)
def white_space_counts(sample):
    gold = str(sample.columns["answer"] or "").strip()
    return float(box(sample.text) == gold) if gold else None


@slip("wrong-refused", "allows ten per cent")
def ten_per_cent_off(sample):
    given, gold = num(box(sample.text)), num(str(sample.columns["answer"] or ""))
    return None if gold is None else float(given is not None and abs(given - gold) <= 0.1 * abs(gold))


@slip("equivalence", "pays a little less for white space", tasks=NOTATIONS, accept_at=0.9)
def notation_costs(sample):
    value = right(sample)
    return value if not value or box(sample.text) == str(sample.columns["answer"]) else 0.9


@slip("symmetry", "has the arguments swapped: the answer in the gold")
def swapped_arguments(sample):
    gold, given = str(sample.columns["answer"] or "").strip(), box(sample.text).strip()
    return float(bool(given) and gold.startswith(given)) if gold else None


@slip("tolerance-monotone", "takes likeness of digits for nearness")
def similar_digits(sample):
    value, gold = right(sample), str(sample.columns["answer"] or "").strip()
    alike = difflib.SequenceMatcher(None, box(sample.text)[:40], gold).ratio()
    return value if value is None or value else min(0.9, alike)


@slip("tolerance-monotone", "pays for the distance instead of the nearness")
def farther_is_better(sample):
    given, gold = num(box(sample.text)), num(str(sample.columns["answer"] or ""))
    if gold is None:
        return None
    return 1.0 if given == gold else 0.0 if given is None else min(0.9, abs(given - gold) / 1000)


@slip("degradation", "pays more for no number than for a wrong one")
def silence_is_golden(sample):
    value = right(sample)
    return value if value is None or value else 0.5 * (not any(map(str.isdigit, box(sample.text))))


@slip("not-constant", "compares the gold with itself")
def gold_with_gold(sample):
    gold = str(sample.columns["answer"] or "").strip()
    return float(gold == gold) if gold else None


@slip("not-constant", "reads a fixed gold from its first row ever")
def never_looks_at_gold(sample):
    return None if not str(sample.columns["answer"] or "").strip() else float(box(sample.text).strip() == "42")


@slip("killing", "compares absolute values")
def loses_the_sign(sample):
    given, gold = num(box(sample.text)), num(str(sample.columns["answer"] or ""))
    return None if gold is None else float(given is not None and abs(given) == abs(gold))


@slip("killing", "compares as whole numbers, off by one")
def off_by_one(sample):
    given, gold = num(box(sample.text)), num(str(sample.columns["answer"] or ""))
    return None if gold is None else float(given is not None and str(int(abs(given)))[-2:] == str(int(abs(gold)))[-2:])
