#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""valid.py ROOT FILE...: is each what its readers accept? A file's name ends in its
format. Exits with 1 where one is not, and says why."""
import functools
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from xml.etree import ElementTree

import jsonschema

HERE = os.path.dirname(os.path.abspath(__file__))
ACTIVE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufffe\uffff]"
)


class Refused(Exception):
    pass


def claim(truth, what):
    if not truth:
        raise Refused(what)


def strict(schema):
    """The same schema, that allows no key that it does not tell."""
    if isinstance(schema, list):
        return [strict(s) for s in schema]
    if not isinstance(schema, dict):
        return schema
    told = {k: strict(v) for k, v in schema.items()}
    return {**told, "additionalProperties": False} if "required" in told else told


@functools.lru_cache(maxsize=None)
def checker(name, change):
    with open(os.path.join(HERE, name), encoding="utf-8") as f:
        schema = change(json.load(f))
    check = jsonschema.validators.validator_for(schema)
    check.check_schema(schema)
    return check(schema, format_checker=jsonschema.FormatChecker())


def as_it_is(schema):
    return schema


def by_schema(document, name, change=as_it_is):
    for e in checker(name, change).iter_errors(document):
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


def our_json(text):
    by_schema(json.loads(text), "../../analyzer/report/ouro-report.schema.json", strict)


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


COMMAND = re.compile(r"::(error|warning|notice) ((?:[a-z]+=[^,:\n]*,?)+)::(.+)")


def github(text):
    claim(text.endswith("\n"), "the last line does not end")
    kinds = []
    for line in text.split("\n")[:-1]:
        if line.startswith("ouro: "):
            continue
        command = COMMAND.fullmatch(line)
        claim(command, "no command: %r" % line)
        kinds.append(command[1])
        claim(not re.search("%(?!25|0A|0D|3A|2C)", command[2] + command[3]), "%% in %r" % line)
        properties = dict(p.split("=", 1) for p in command[2].split(","))
        claim(set(properties) <= {"file", "line", "title"} and properties["title"], "properties of %r" % line)
        if "file" in properties:
            path(properties["file"])
            claim(not properties["file"].startswith("/") and int(properties["line"]) > 0, "place of %r" % line)
    for kind in set(kinds):
        claim(kinds.count(kind) <= 10, "too many of kind " + kind)


class Page(HTMLParser):
    """As GitHub would show it: nothing but what we mean, and names in code."""

    tags = "h3 p table thead tbody tr th td code details summary pre ul li strong".split()

    def __init__(self):
        super().__init__()
        self.open = []

    def handle_starttag(self, tag, attrs):
        claim(tag in self.tags, "<%s> %s" % (tag, attrs))
        claim(all(a == "class" and v == "language-text" for a, v in attrs), "attributes %s" % attrs)
        self.open.append(tag)

    def handle_endtag(self, tag):
        claim(self.open and self.open.pop() == tag, "</%s>" % tag)

    def handle_comment(self, data):
        claim(False, "a comment")

    def handle_data(self, data):
        claim("code" in self.open or not re.search("[@#<>|`]|https?:|www", data), "%r outside of code" % data)


def markdown(text, most=65536):
    claim(len(text.encode()) < most, "too long: %d" % len(text.encode()))
    html = subprocess.run(
        ["cmark-gfm", "--unsafe", "-e", "table", "-e", "autolink", "-e", "strikethrough"],
        input=text.encode(), check=True, stdout=subprocess.PIPE,
    ).stdout.decode()
    page = Page()
    page.feed(html)
    page.close()
    claim(not page.open, "left open: %s" % page.open)
    rows = html.count("<tr>")
    claim(rows == text.count("\n| ") - text.count("\n| ---"), "rows of the table")
    claim(html.count("<td>") % max(1, html.count("<th>") // max(1, html.count("<thead>"))) == 0, "cells")


def summary(text):
    markdown(text, 1 << 20)


FORMATS = {
    "json": our_json,
    "sarif": sarif,
    "junit": junit,
    "github": github,
    "markdown": markdown,
    "summary": summary,
}


def judge(name, root):
    with open(name, "rb") as f:
        text = f.read().decode("utf-8")
    kind = name.rsplit(".", 1)[1]
    claim(not ACTIVE.search(text), "%r" % ACTIVE.findall(text)[:5])
    claim(kind == "json" or root + "/" not in text, "a path of the build")
    FORMATS[kind](text)


def main():
    failed = 0
    for name in sys.argv[2:]:
        try:
            judge(name, sys.argv[1])
        except (Refused, ValueError, ElementTree.ParseError) as e:
            print("%s: %s" % (name, e))
            failed = 1
    sys.exit(failed)


main()
