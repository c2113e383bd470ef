from plaudit import load


def test_a_greeting_pays() -> None:
    assert load("polite")(completions=["Dear reader", "Oi"]) == [1.0, 0.0]


def test_the_greeting_is_an_option() -> None:
    assert load("polite", greeting="Oi")(completions=["Dear reader", "Oi"]) == [0.0, 1.0]
