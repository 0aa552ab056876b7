# SPDX-License-Identifier: LGPL-2.1-or-later

"""How a method is called in Python, JavaScript and Vala, from the typed declarations that are installed for each."""

import ast
import re

CLASS_DTS = re.compile(r"^    (?:abstract )?(?:class|namespace) (\w+)[ <]")
METHOD_DTS = re.compile(r"^      (static )?(\w+)\((.*)\): (.+);$")
PROPERTY_DTS = re.compile(r"^      (?:readonly )?(\w+): (.+);$")
CLASS_VAPI = re.compile(r"^\tpublic (?:\w+ )*(?:class|errordomain) (\w+)")
METHOD_VAPI = re.compile(r"^\t\tpublic (.+?) ?\((.*)\)(?: throws (.+))?;$")
PROPERTY_VAPI = re.compile(r"^\t\tpublic (.+) (\w+) \{ .*get;.*\}$")


def receiver(name, is_static):
    """What a call begins with: the class, or an object of it."""
    return f"Vck.{name}" if is_static else re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def python_types(text):
    """A type as a reader knows it: the aliases of the stubs are for the checker alone."""
    text = re.sub(r"\b_Call\[(.+)\]$", r"\1", text)
    return re.sub(r"\b_(\w+Flags)\b", r"Vck.\1", text)


def python_call(name, function):
    static = any(isinstance(mark, ast.Name) and mark.id == "staticmethod" for mark in function.decorator_list)
    arguments = function.args.args[0 if static else 1:]
    missing = len(arguments) - len(function.args.defaults)
    shown = []
    for number, argument in enumerate(arguments):
        text = f"{argument.arg}: {python_types(ast.unparse(argument.annotation))}"
        if number >= missing:
            text += f" = {ast.unparse(function.args.defaults[number - missing])}"
        shown.append(text)
    result = ast.unparse(function.returns)
    wait = "await " if result.startswith("_Call[") else ""
    return f"{wait}{receiver(name, static)}.{function.name}({', '.join(shown)}) -> {python_types(result)}"


def python_property(name, function):
    return f"{receiver(name, False)}.{function.name} -> {python_types(ast.unparse(function.returns))}"


def python_calls(text):
    """Also what a method of C is read as, if that has its name: `connection.is_open`."""
    calls = {}
    for item in ast.parse(text).body:
        if isinstance(item, ast.ClassDef):
            for function in item.body:
                if isinstance(function, ast.FunctionDef):
                    show = python_property if is_property(function) else python_call
                    calls.setdefault((item.name, function.name), show(item.name, function))
    return calls


def is_property(function):
    return any(isinstance(mark, ast.Name) and mark.id == "property" for mark in function.decorator_list)


def javascript_calls(text):
    """The first of several declarations is the one with a promise."""
    calls = {}
    current = None
    for line in text.splitlines():
        if begin := CLASS_DTS.match(line):
            current = begin[1]
        elif method := METHOD_DTS.match(line):
            static, name, arguments, result = method.groups()
            wait = "await " if result.startswith("Promise<") else ""
            result = re.sub(r"^Promise<(.*)>$", r"\1", result)
            arguments = re.sub(r"\b(\w+Flags)\.Input\b", r"Vck.\1", arguments)
            call = f"{wait}{receiver(current, static)}.{name}({arguments}): {result}"
            calls.setdefault((current, name), call)
        elif property := PROPERTY_DTS.match(line):
            name, result = property.groups()
            calls.setdefault((current, name), f"{receiver(current, False)}.{name}: {result}")
    return calls


def vala_calls(text):
    calls = {}
    current = None
    for line in text.splitlines():
        if begin := CLASS_VAPI.match(line):
            current = begin[1]
        elif property := PROPERTY_VAPI.match(line):
            result, name = property.groups()
            calls.setdefault((current, name), f"{result} result = {receiver(current, False)}.{name}")
        elif method := METHOD_VAPI.match(line):
            head, arguments, errors = method.groups()
            if " " not in head:
                calls[current, "new"] = f"new Vck.{head} ({arguments})"
                continue
            *marks, result, name = re.sub(r"\b(owned|unowned|virtual|signal) ", "", head).split(" ")
            wait = "yield " if "async" in marks else ""
            throws = f" throws {errors}" if errors else ""
            begin = "" if result == "void" else f"{result} result = "
            start = receiver(current, "static" in marks)
            # A keyword of the language has an @ before it.
            calls[current, name.removeprefix("@")] = f"{begin}{wait}{start}.{name} ({arguments}){throws}"
    return calls


READERS = (("Python", python_calls), ("JavaScript", javascript_calls), ("Vala", vala_calls))
