import pickle

import pytest

from plaudit.answers import Policy, equal

CASES = [
    ("percent", "value", "50%", "50", True, False),
    ("percent", "written", "50%", "0.5", True, False),
    ("percent", "written", "50%", r"50\%", True, True),
    ("percent", "value", r"\frac12", "50%", True, True),
    ("percent", "value", "25\\%", "25 x/x", True, False),
    ("units", "required", "5", "5 cm", True, False),
    ("units", "ignored", "5 m", "5 cm", False, True),
    ("units", "required", "50 mm", "5 cm", True, True),
    ("degrees", "value", "30", "30°", True, False),
    ("degrees", "value", r"\pi/6", "30°", True, True),
    ("degrees", "written", r"\pi/6", "30°", True, False),
    ("decimals", "exact", r"\sqrt2", "1.414", True, False),
    ("decimals", "exact", "0.57735", "0.577", True, False),
    ("tolerance", 0.01, "3.14", r"\pi", False, True),
    ("tolerance", 0.01, "99.5", "100", False, True),
    ("tolerance", 0.001, "99.5", "100", False, False),
    ("list_order", "kept", "2, 1", "1, 2", True, False),
    ("list_order", "kept", r"\{2,1\}", r"\{1,2\}", True, True),
    ("assignment_prefix", "required", "5", "x=5", True, False),
    ("assignment_prefix", "required", "x=5", "x=5.0", True, True),
    ("inequalities", "written", "(0,1)", "0<x<1", True, False),
    ("inequalities", "written", "1>x>0", "0<x<1", True, True),
    ("boxes", "last", r"\boxed{1} and \boxed{2}", "2", False, True),
    ("boxes", "refused", r"\boxed{1} and \boxed{2}", "1,2", True, False),
    ("choice_text", False, "B. 42", "B", True, False),
    ("choice_text", False, "(B)", "B", True, True),
    ("refuse_hedges", False, "probably 42 apples", "42", False, False),
    ("rename_bound_variables", False, "f(m)=2m", "f(n)=2n", True, False),
    ("rename_constants", False, r"n\pi", r"k\pi", True, False),
]


@pytest.mark.parametrize(("option", "value", "prediction", "gold", "by_default", "with_option"), CASES)
def test_each_option_changes_what_it_says(option, value, prediction, gold, by_default, with_option):
    assert equal(prediction, gold).equal is by_default
    assert equal(prediction, gold, Policy(**{option: value})).equal is with_option


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"percent": "eithr"}, "Did you mean 'either'"),
        ({"units": 3}, "not one of"),
        ({"tolerance": -1}, "from 0 to 1"),
        ({"tolerance": "1"}, "number"),
        ({"tolerance": float("nan")}, "number"),
        ({"tolerance": True}, "number"),
        ({"engine_seconds": 0}, "from 0.01 to 600"),
        ({"engine": 1}, "not one of"),
    ],
)
def test_bad_values_are_refused_at_construction(options, message):
    with pytest.raises(ValueError, match=message):
        Policy(**options)


def test_policies_pickle_and_compare():
    policy = Policy(percent="value", tolerance=0.1)
    assert pickle.loads(pickle.dumps(policy)) == policy
    assert hash(policy) == hash(Policy(percent="value", tolerance=0.1))


@pytest.mark.parametrize(
    ("prediction", "gold"), [("5", "x=5"), ("50%", "0.5"), ("1, 2", "2, 1"), (r"\frac13", "0.333"), ("(0,1)", "0<x<1")]
)
@pytest.mark.parametrize("tolerance", [1e-9, 1e-3, 0.5, 1.0])
def test_a_tolerance_only_widens(prediction, gold, tolerance):
    assert equal(prediction, gold).equal
    assert equal(prediction, gold, Policy(tolerance=tolerance)).equal
