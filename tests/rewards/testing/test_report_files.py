"""What `--sarif` and `--junit` write is what their readers demand.

The rules are written out here, since no package brings the official files. By hand, the same output was valid under
OASIS' sarif-schema-2.1.0.json (errata 01) by jsonschema 4.26, and read by sarif-tools 3.0.5 and junitparser 5.0.3.
"""

import json
from xml.etree import ElementTree as ET

import pytest
from zoo_broken import ZOO
from zoo_honest import HONEST

from plaudit.testing import check
from plaudit.testing.rendering import to_junit, to_sarif

SARIF = {  # object: (required, also allowed), as far as we write them; the schema allows nothing else
    "log": ({"version", "runs"}, {"$schema"}),
    "run": ({"tool"}, {"results", "columnKind"}),
    "tool": ({"driver"}, set()),
    "driver": ({"name"}, {"informationUri", "rules", "version", "semanticVersion"}),
    "rule": ({"id"}, {"shortDescription", "fullDescription", "help"}),
    "text": ({"text"}, set()),
    "result": ({"message"}, {"ruleId", "level", "locations", "properties"}),
    "location": (set(), {"logicalLocations"}),
    "place": (set(), {"name", "kind", "fullyQualifiedName"}),
}
JUNIT = {  # element: (required attributes, further ones, elements inside)
    "testsuites": (set(), set(), {"testsuite"}),
    "testsuite": ({"name", "tests", "failures", "errors", "skipped", "time"}, set(), {"testcase"}),
    "testcase": ({"name", "classname"}, {"time"}, {"failure", "skipped"}),
    "failure": ({"message", "type"}, set(), set()),
    "skipped": ({"message"}, set(), set()),
}


@pytest.fixture(scope="module")
def reports():
    animals = (ZOO["pays-a-bool"], ZOO["surrogates-raise"], HONEST["moody-judge"])
    return [
        check(animal.reward, tasks=animal.tasks or None, laws=["number", "total", "repeatable"]) for animal in animals
    ]


def objects(log):
    """Each object of a SARIF log, with what it is."""
    yield "log", log
    for run in log["runs"]:
        yield from (("run", run), ("tool", run["tool"]), ("driver", run["tool"]["driver"]))
        for rule in run["tool"]["driver"]["rules"]:
            yield "rule", rule
            yield from (("text", rule[name]) for name in ("shortDescription", "fullDescription", "help"))
        for result in run["results"]:
            yield from (("result", result), ("text", result["message"]))
            for location in result["locations"]:
                yield "location", location
                yield from (("place", place) for place in location["logicalLocations"])


def test_every_object_of_a_sarif_log_has_what_the_schema_requires_and_nothing_else(reports):
    for kind, item in objects(json.loads(to_sarif(reports))):
        required, allowed = SARIF[kind]
        assert required <= set(item) <= required | allowed, (kind, item)


def test_a_sarif_result_names_a_rule_of_its_run_and_a_known_level(reports):
    log = json.loads(to_sarif(reports))
    (run,) = log["runs"]
    rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
    assert log["version"] == "2.1.0"
    assert len(rules) == len(set(rules))
    assert [result["ruleId"] for result in run["results"]] == ["number", "total", "total"]
    assert {result["level"] for result in run["results"]} <= {"none", "note", "warning", "error"}
    assert run["columnKind"] in {"utf16CodeUnits", "unicodeCodePoints"}


def test_every_element_of_a_junit_file_has_what_its_readers_demand(reports):
    root = ET.fromstring(to_junit(reports).encode())
    assert root.tag == "testsuites"
    for element in root.iter():
        required, allowed, inside = JUNIT[element.tag]
        assert required <= set(element.attrib) <= required | allowed, element.tag
        assert {child.tag for child in element} <= inside


def test_junit_counts_agree_with_what_is_listed(reports):
    for suite in ET.fromstring(to_junit(reports).encode()):
        assert int(suite.get("tests")) == len(suite.findall("testcase"))
        assert int(suite.get("failures")) == len(suite.findall("testcase/failure"))
        assert int(suite.get("skipped")) == len(suite.findall("testcase/skipped"))
