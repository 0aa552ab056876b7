#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later

"""Print a page with a table of each RELAX NG grammar instead of its name between two @.

    page-tables.py PAGE GRAMMAR...

An element or attribute without `doc` in the namespace of grammar.py, which says what it means, is an
error, and so is a grammar that the page does not name.
"""

import pathlib
import re
import sys

from grammar import Grammar, GrammarError

HEAD = "| Element or attribute | Needed | Meaning |\n| --- | --- | --- |\n"


def condition(rule, has):
    """The attribute by which the forms that have something differ from those that do not, as text; or nothing."""
    def constants(form, name):
        value, _ = form.attributes.get(name, (None, False))
        return tuple(value.constants) if value is not None else ()

    having = [form for form in rule.forms if has(form)]
    others = [form for form in rule.forms if not has(form)]
    for name in rule.all.attributes if others else ():
        values = {constants(form, name) for form in having}
        if len(values) == 1 and values != {()} and not values & {constants(form, name) for form in others}:
            optional = any(not form.attributes[name][1] for form in having)
            return f"`{name}` is `{values.pop()[0]}`{' or left out' if optional else ''}"
    return None


def in_words(value):
    """What a value must be; nothing if it may be any text."""
    if value is None:
        return ""
    return re.sub(r"(?<!\w)'([^' ]+)'", r"`\1`", value.hint)


def attribute_path(path, name):
    """Not as in XPath: gi-docgen takes a name after an @ for an argument."""
    return f"{path.removesuffix('/')} {name}=".lstrip()


class Table:
    def __init__(self, roots):
        self.roots, self.rows = roots, []

    def add(self, path, needed, doc, value="", when=None):
        if doc is None:
            raise GrammarError(f"'{path}' has no doc that says what it means")
        meaning = doc[0].upper() + doc[1:] + (f" ({value})." if value else ".")
        if when:
            meaning += f" Only if {when}."
        self.rows.append(f"| `{path}` | {needed} | {meaning} |\n")

    def add_attributes(self, rule, path):
        for name, (value, _) in rule.all.attributes.items():
            when = condition(rule, lambda form, name=name: name in form.attributes)
            needed = all(form.attributes[name][1] for form in rule.forms if name in form.attributes)
            self.add(attribute_path(path, name), "yes" if needed and (when or rule.all.attributes[name][1]) else "no",
                     rule.all.docs.get(name), in_words(value), when)
        for name, doc in rule.reads:
            above, is_attribute, last = name.rpartition("@")
            self.add(attribute_path(path + above, last) if is_attribute else path + name, "no", doc)

    def add_children(self, rule, path):
        for name in rule.all.children:
            variants = {id(form.children[name][0]): form.children[name][0]
                        for form in rule.forms if name in form.children}
            for child in variants.values():
                self.add_child(rule, f"{path}{name}", name, child)

    def add_child(self, rule, path, name, child):
        having = [form for form in rule.forms if name in form.children and form.children[name][0] is child]
        when = condition(rule, lambda form: form in having)
        needed = all(form.children[name][1] for form in having) and (when or len(having) == len(rule.forms))
        many = any(form.children[name][2] for form in having)
        self.add(path, {(True, True): "one or more", (True, False): "yes", (False, True): "any number",
                        (False, False): "no"}[bool(needed), many],
                 child.doc, in_words(child.all.text), when)
        if child not in self.roots:
            self.add_rule(child, f"{path}/")

    def add_rule(self, rule, path=""):
        self.add_attributes(rule, path)
        self.add_children(rule, path)


def tables(paths):
    """{name of the grammar: its table}"""
    files, rules = {}, {}
    for path in paths:
        rules[path.stem] = Grammar(path, files).root()
    made = {}
    for name, rule in rules.items():
        table = Table(list(rules.values()))
        try:
            table.add_rule(rule)
        except GrammarError as error:
            raise GrammarError(f"{name}: {error}") from None
        made[name] = HEAD + "".join(table.rows)
    return made


def main(page, *grammars):
    text = pathlib.Path(page).read_text(encoding="utf-8")
    try:
        for name, table in tables([pathlib.Path(grammar) for grammar in grammars]).items():
            mark = f"@{name}@\n"
            if mark not in text:
                raise GrammarError(f"{page} has no line '{mark.strip()}'")
            text = text.replace(mark, table)
    except GrammarError as error:
        sys.exit(f"page-tables.py: {error}")
    sys.stdout.write(text)


if __name__ == "__main__":
    main(*sys.argv[1:])
