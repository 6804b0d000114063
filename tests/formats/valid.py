#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""valid.py FORMAT FILE: is it what its readers accept? Exits with 1 and says
why not."""
import json
import os
import re
import sys
from xml.etree import ElementTree

import jsonschema

HERE = os.path.dirname(os.path.abspath(__file__))
ACTIVE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]"
)


def claim(truth, what):
    if not truth:
        sys.exit("%s: %s" % (sys.argv[2], what))


def by_schema(document, name):
    with open(os.path.join(HERE, name), encoding="utf-8") as f:
        schema = json.load(f)
    check = jsonschema.validators.validator_for(schema)
    check.check_schema(schema)
    for e in check(schema, format_checker=jsonschema.FormatChecker()).iter_errors(document):
        claim(False, "%s: %.300s" % ("/".join(map(str, e.absolute_path)), e.message))


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for k, v in value.items():
            yield k
            yield from strings(v)
    elif isinstance(value, list):
        for v in value:
            yield from strings(v)


def sarif_location(location):
    physical = location["physicalLocation"]
    uri = physical["artifactLocation"]["uri"]
    claim(re.fullmatch(r"[A-Za-z0-9/._~+%-]+|file://[A-Za-z0-9/._~+%-]+", uri), "uri " + uri)
    claim("/../" not in "/" + uri + "/", "a way up in " + uri)
    if physical["artifactLocation"].get("uriBaseId"):
        claim(not uri.startswith("/"), "not relative: " + uri)


def sarif(text):
    document = json.loads(text)
    by_schema(document, "sarif-2.1.0.json")
    (run,) = document["runs"]
    rules = run["tool"]["driver"]["rules"]
    for rule in rules:
        for key in ("shortDescription", "fullDescription", "help"):
            claim(0 < len(rule[key]["text"]) <= 1024, "%s of %s" % (key, rule["id"]))
        claim(len(rule["properties"]["tags"]) <= 10, "tags")
    claim(len(run["results"]) <= 10000, "too many results")
    for result in run["results"]:
        claim(rules[result["ruleIndex"]]["id"] == result["ruleId"], "rule index")
        claim(len(result["locations"]) == 1, "one location")
        claim(len(result["relatedLocations"]) <= 100, "related locations")
        for location in result["locations"] + result["relatedLocations"]:
            sarif_location(location)
        for flow in result.get("codeFlows", []):
            steps = flow["threadFlows"][0]["locations"]
            claim(0 < len(steps) <= 1000, "steps")
            for step in steps:
                sarif_location(step["location"])
        claim(result["partialFingerprints"]["primaryLocationLineHash"], "no fingerprint")
        for message in (result["message"]["text"], *(r["message"]["text"] for r in result["relatedLocations"])):
            claim(not ACTIVE.search(message), "%r" % message)
            claim("](" not in message, "a link in %r" % message)


def path(name):
    claim(name and not name.startswith("../") and "/../" not in name, "path " + name)


def junit(text):
    suites = ElementTree.fromstring(text)
    for suite in suites:
        cases = suite.findall("testcase")
        claim(int(suite.get("tests")) == len(cases), "tests")
        for count, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            claim(int(suite.get(count)) == len(suite.findall("testcase/" + tag)), count)
        for case in cases:
            claim(case.get("name") and case.get("classname"), "names")
            if case.get("file") is not None:
                path(case.get("file"))


def main():
    with open(sys.argv[2], "rb") as f:
        text = f.read().decode("utf-8")
    claim(not ACTIVE.search(text), "%r" % ACTIVE.findall(text)[:5])
    {"sarif": sarif, "junit": junit}[sys.argv[1]](text)


main()
