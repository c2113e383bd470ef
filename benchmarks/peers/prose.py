"""The sentences of the page; what stands in braces is filled in from the data."""

from __future__ import annotations


def paragraph(text: str, **figures: object) -> str:
    """Join the lines of a text and fill in its figures."""
    return " ".join(text.split()).format(**figures) + "\n\n"


HEAD = """
    Written by `python benchmarks/{command}` on {date}; nothing here is typed in by hand.{share}{again}
"""
ROWS = """
    {rows:,} labelled rows ({files}), {contested} of them contested and left out of accuracy; {hostile} hostile
    texts. What they are and how they were labelled: [README](README.md). Ours was tuned on the files called `dev`;
    figures on those flatter it, those on rows held out do not.
"""
MACHINE = """
    Machine: {processor}, {cores} cores, {system}, Python {python}, shared with other work (load {load} at the end).
    Ours: {ours}. Peers: {peers}; wheels without dependencies: {wheels}.
"""
METHOD = """
    Graders ran one after the other, each in a process of its own, every row once. Speeds are **processor time** of
    the grader and of its child processes, one thread; importing and ten fixed warm-up pairs (the same for all, none
    of them in the data) are not counted. Nothing is cached between rows but what a grader itself caches; for ours,
    the line “caches cleared” shows what its caches are worth.
"""
ACCURACY = """
    “Comparison”, {rows:,} uncontested rows ({positives:,} right answers, {negatives:,} wrong ones): bare answers,
    and from completions what a neutral rule finds (last box, last `####`, “answer is”), in the form each grader
    wants. “End to end”: bare answers, and completions whole with the grader's own extraction; test suites that test
    extraction are in here only. In per cent; undecided counts as a refusal.
"""
COMPLETIONS = """
    Model outputs as they are; the sources' columns are false rejects / false accepts in rows. Graders that only
    look for a box lose where the model wrote `#### x` or `A: x`: that is the ending they ask for, not an error of
    their comparison.
"""
SPEED = """
    Rows: {sizes}. Mixed = end to end over everything. Looking at the clock and writing an outcome costs a few
    microseconds of a row's cache warmth, which only graders of that speed notice: in a tight loop they are faster
    than here.
"""
HOSTILE = """
    {rows} costly, odd or dishonest texts, whole, each followed by an honest sample. Wall time. The honest sample
    ends in a box, which gsm8k's strict mode never reads. Contested texts are left out of accepts and rejects only.
    Code counts as run when the file that the text tries to write exists afterwards.
"""
BATCH = """
    One core, processor seconds with those of child processes, groups of 16 that share a gold, every text distinct,
    each point in a fresh process; `answer-match` with `by="math"`, `math-equal` with its defaults. Ten of 16
    answers equal the gold, six of these as identical text and four in other spellings; six are answers of other
    problems. “Mixed” is half integers, half expressions, lists, intervals and so on. “The same batch again” finds
    its golds and pairs in the reward's caches. The target is {count:,} completions of {length:,} characters in 0.6
    s.
"""
LOSSES = """
    {wrong} of our verdicts on uncontested rows are wrong (completions asked twice count twice: whole, and as the
    neutral answer); on {lost} of them at least one peer is right, on {alone} none. A grader that refuses everything
    is right on every wrong answer that we accept, so look at who is right.
"""
UNMEASURED = """
    Not measured: NeMo-Skills and rLLM (their graders are not on PyPI), Qwen2.5-Math and oat (no package), graders
    that are models. A row may take {limit:g} s of wall time; then its process is killed from outside, the row
    counts as a refusal, and the next row gets a new process. Address space is capped at 4 GB.
"""
BETTER = (
    "- {name}, {label}: {title} has {refused} false rejects and {accepted} false accepts, we have {our_refused} and"
    " {our_accepted}."
)
