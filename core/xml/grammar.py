# SPDX-License-Identifier: LGPL-2.1-or-later

"""What RELAX NG grammars allow: rules for elements, made of the patterns.

What a rule cannot be derived from is an error: a value without `hint` in the namespace OURS,
which says in words what it must look like, or a pattern of RELAX NG that is not handled here.
"""

import re
import xml.etree.ElementTree as ElementTree

RNG = "{http://relaxng.org/ns/structure/1.0}"
OURS = "{urn:vck:grammar:1}"
HINT, DOC, READS = f"{OURS}hint", f"{OURS}doc", f"{OURS}reads"
VALUES = ("data", "value")
NUMBERS = {"unsignedLong": 2**64 - 1, "unsignedInt": 2**32 - 1, "unsignedShort": 2**16 - 1}
ANY_TEXT = None


class GrammarError(Exception):
    """A grammar that the tables cannot be made of."""


class Value:
    """What a text must be: a regular expression, and in words."""

    def __init__(self, patterns, hint, constants=(), maximum=0):
        self.patterns, self.hint, self.constants, self.maximum = patterns, hint, list(constants), maximum

    @classmethod
    def one_of(cls, constants):
        shown = [f"'{constant}'" for constant in constants]
        hint = " or ".join(filter(None, [", ".join(shown[:-1]), shown[-1]]))
        return cls([re.escape(constant) for constant in constants], hint, constants)

    def joined(self, other):
        if self.constants and other is not None and other.constants:
            return Value.one_of(list(dict.fromkeys(self.constants + other.constants)))
        if other is not None and self.patterns == other.patterns:
            return self
        return ANY_TEXT


class Form:
    """One set of attributes and children that an element may have."""

    def __init__(self):
        self.attributes = {}  # name -> (value, is needed)
        self.children = {}  # name -> (rule, is needed, is repeatable)
        self.docs = {}  # what its attributes mean: name -> text, if the grammar says it
        self.any_attribute = self.any_child = False
        self.has_text, self.text = False, ANY_TEXT

    def is_open(self):
        return self.any_attribute and self.any_child and self.has_text

    def size(self):
        return len(self.attributes) + len(self.children) + self.has_text

    def add(self, other):
        """Both of them, one beside the other."""
        both = Form()
        twice = (self.attributes.keys() & other.attributes.keys()) | (self.children.keys() & other.children.keys())
        if twice:
            raise GrammarError(f"'{twice.pop()}' is there twice in one group")
        both.attributes = self.attributes | other.attributes
        both.children = self.children | other.children
        both.docs = self.docs | other.docs
        both.any_attribute = self.any_attribute or other.any_attribute
        both.any_child = self.any_child or other.any_child
        both.has_text = self.has_text or other.has_text
        both.text = self.text or other.text
        return both

    def optional(self):
        form = Form().add(self)
        form.attributes = {name: (value, False) for name, (value, _) in self.attributes.items()}
        form.children = {name: (rule, False, many) for name, (rule, _, many) in self.children.items()}
        return form

    def repeated(self):
        form = Form().add(self)
        form.children = {name: (rule, needed, True) for name, (rule, needed, _) in self.children.items()}
        return form


def union(forms):
    """What any of the forms allows; needed is what all of them need."""
    result = Form()
    for name in dict.fromkeys(name for form in forms for name in form.attributes):
        having = [form.attributes[name] for form in forms if name in form.attributes]
        value = having[0][0]
        for other, _ in having[1:]:
            value = value.joined(other) if value is not ANY_TEXT else ANY_TEXT
        result.attributes[name] = (value, len(having) == len(forms) and all(needed for _, needed in having))
    for name in dict.fromkeys(name for form in forms for name in form.children):
        having = [form.children[name] for form in forms if name in form.children]
        needed = len(having) == len(forms) and all(needed for _, needed, _ in having)
        result.children[name] = (having[0][0], needed, any(many for _, _, many in having))
    for form in forms:
        result.docs |= form.docs
    result.any_attribute = any(form.any_attribute for form in forms)
    result.any_child = any(form.any_child for form in forms)
    result.has_text = any(form.has_text for form in forms)
    result.text = next((form.text for form in forms if form.has_text), ANY_TEXT)
    return result


def product(lists):
    forms = [Form()]
    for alternatives in lists:
        forms = [form.add(alternative) for form in forms for alternative in alternatives]
    return forms


def difference(form, other):
    """The one attribute, with its value, by which another form differs from this one; None if there are more."""
    listed = {name: value.constants for name, (value, _) in other.attributes.items() if value and value.constants}
    differing = [(name, constants[0]) for name, constants in listed.items()
                 if name in form.attributes and getattr(form.attributes[name][0], "constants", None) != constants]
    return "{}='{}'".format(*differing[0]) if len(differing) == 1 else None


class Rule:
    """An element: what it may have at all, and, if that is more than one set, each of them."""

    def __init__(self, node, forms):
        self.name, self.forms, self.all = node.get("name"), forms, union(forms)
        self.doc = node.get(DOC)
        # What is read of that which may have any form: (name, meaning)
        self.reads = [(child.get("name"), child.get("doc")) for child in node.findall(READS)]
        # name -> the condition under which an element around this one is allowed to have it there
        self.other_attributes, self.other_children = {}, {}
        for form in forms:
            for other in forms:
                condition = difference(form, other)
                if condition is not None:
                    self.compare_children(form, other, condition)

    @staticmethod
    def compare_children(form, other, condition):
        for name, (rule, _, _) in form.children.items():
            if name in other.children:
                rule.compare(other.children[name][0], condition)

    def compare(self, other, condition):
        """Notes what the same element may have instead under a condition."""
        if self is other:
            return
        for name in other.all.attributes.keys() - self.all.attributes.keys():
            self.other_attributes.setdefault(name, condition)
        for name in other.all.children.keys() - self.all.children.keys():
            self.other_children.setdefault(name, condition)
        for form in self.forms:
            for other_form in other.forms:
                self.compare_children(form, other_form, condition)


class Grammar:
    """A grammar with those that it includes, of which only definitions count."""

    def __init__(self, path, files):
        self.path, self.start, self.defines, self.rules = path, None, {}, files.setdefault("rules", {})
        self.open = []
        self.load(path, files)

    def load(self, path, files, is_included=False):
        if path not in files:
            files[path] = ElementTree.parse(path).getroot()
        for node in files[path]:
            kind = node.tag.removeprefix(RNG)
            if kind == "include":
                self.load(path.parent / node.get("href"), files, True)
                node = node.find(RNG + "start")
                kind = "start" if node is not None else None
            if kind == "start" and not is_included:
                self.start = node
            elif kind == "define":
                if node.get("name") in self.defines:
                    raise GrammarError(f"'{node.get('name')}' is defined twice")
                self.defines[node.get("name")] = node

    def root(self):
        (name, (rule, _, _)), = union(self.content(self.start)).children.items()
        assert rule.name == name
        return rule

    # --- values ---

    def is_value(self, node):
        kind = node.tag.removeprefix(RNG)
        if kind in VALUES:
            return True
        if kind == "ref":
            inside = self.defines[node.get("name")]
            return len(inside) == 1 and self.is_value(inside[0])
        return kind == "choice" and all(self.is_value(child) for child in node)

    def value(self, node, hint=None):
        kind = node.tag.removeprefix(RNG)
        hint = hint or node.get(HINT)
        if kind == "ref":
            define = self.defines[node.get("name")]
            return self.value(define[0], hint or define.get(HINT))
        if kind == "value":
            return Value.one_of([node.text])
        if kind == "choice":
            parts = [self.value(child, hint) for child in node]
            if all(part.constants for part in parts):
                return Value.one_of([constant for part in parts for constant in part.constants])
            return Value([pattern for part in parts for pattern in part.patterns], hint)
        if hint is None:
            raise GrammarError("a value has no hint that says what it must be: give it or its definition one")
        patterns = [param.text for param in node if param.get("name") == "pattern"]
        if len(patterns) != 1 or len(node) != 1 or node.get("type") not in ("string", *NUMBERS):
            raise GrammarError(f"a value of type '{node.get('type')}' has not exactly one pattern")
        return Value(patterns, hint, (), NUMBERS.get(node.get("type"), 0))

    # --- patterns ---

    def content(self, node):
        """The forms of all patterns inside a node."""
        return product([self.forms(child) for child in node
                        if child.tag.startswith(RNG) and child.tag != RNG + "name"])

    def attribute(self, node):
        form = Form()
        if node.get("name") is None:
            form.any_attribute = True
            return form
        inside = [child for child in node if child.tag != RNG + "text"]
        try:
            value = self.value(inside[0], node.get(HINT)) if inside else ANY_TEXT
        except GrammarError as error:
            raise GrammarError(f"attribute '{node.get('name')}': {error}") from None
        form.attributes[node.get("name")] = (value, True)
        if node.get(DOC) is not None:
            form.docs[node.get("name")] = node.get(DOC)
        return form

    def element(self, node):
        form = Form()
        if node.get("name") is None:
            form.any_child = True
            return form
        if id(node) in self.open:
            raise GrammarError(f"element '{node.get('name')}' may contain itself")
        if id(node) not in self.rules:
            self.open.append(id(node))
            try:
                forms = self.content(node)
            except GrammarError as error:
                raise GrammarError(f"element '{node.get('name')}': {error}") from None
            self.open.pop()
            # Kept by the node, which stays alive in `files`.
            self.rules[id(node)] = Rule(node, forms)
        form.children[node.get("name")] = (self.rules[id(node)], True, False)
        return form

    def forms(self, node):
        kind = node.tag.removeprefix(RNG)
        if self.is_value(node):
            form = Form()
            form.has_text, form.text = True, self.value(node)
            return [form]
        if kind == "ref":
            if node.get("name") in self.open:
                raise GrammarError(f"'{node.get('name')}' may contain itself")
            self.open.append(node.get("name"))
            forms = self.content(self.defines[node.get("name")])
            self.open.pop()
            return forms
        if kind in ("group", "interleave"):
            return self.content(node)
        if kind == "choice":
            return [form for child in node for form in self.forms(child)]
        if kind == "optional":
            forms = self.content(node)
            return [forms[0].optional()] if len(forms) == 1 and forms[0].size() == 1 else forms + [Form()]
        if kind in ("zeroOrMore", "oneOrMore"):
            form = union(self.content(node)).repeated()
            return [form if kind == "oneOrMore" else form.optional()]
        if kind == "text":
            form = Form()
            form.has_text = True
            return [form]
        if kind == "empty":
            return [Form()]
        if kind in ("attribute", "element"):
            return [getattr(self, kind)(node)]
        raise GrammarError(f"<{kind}> is not handled")
