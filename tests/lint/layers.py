# SPDX-License-Identifier: LGPL-2.1-or-later

"""What includes what: no circles among files, and arrows that run down only.

A file and its header are one unit. The folders stand in layers; a unit includes units of its own folder
and of lower ones.
"""

import unittest

from house import core_public_headers, included_files, shown, source_files

# From the ground up. A folder that is not named belongs to the layer of the next folder above it.
LAYERS = [
    "core/include",
    "core/base",
    "core/xml",
    "core/handles",
    "core/model",
    "core/qemu",
    "core/nbd",
    "core/managed/backends",
    "core/managed",
    "core/managed/methods",
    "core/drivers",
    "core/api",
    "core/backup",
    "gobject",
]
# Inside of the drivers.
DRIVER_LAYERS = {
    "core/drivers/local": ["store", "machine", "images", ""],
    "core/drivers/libvirt": ["link", "cache", "probe", "methods", ""],
}


def unit_of(path):
    return shown(path).rsplit(".", 1)[0]


def include_graph():
    """Unit -> the units that it includes."""
    graph = {}
    for path in source_files(".c", ".h"):
        if shown(path).startswith(("core/", "gobject/", "gir/")):
            targets = graph.setdefault(unit_of(path), set())
            targets |= {unit_of(included) for included in included_files(path)}
    return {unit: sorted(targets - {unit}) for unit, targets in graph.items()}


def find_circle(graph):
    """The units of one circle in order, or None."""
    done = set()
    for start in sorted(graph):
        path, waiting = [], [(start, iter(graph[start]))]
        while waiting:
            unit, targets = waiting[-1]
            if unit not in path:
                path.append(unit)
            target = next((target for target in targets if target not in done), None)
            if target is None:
                done.add(unit)
                path.pop()
                waiting.pop()
            elif target in path:
                return [*path[path.index(target):], target]
            else:
                waiting.append((target, iter(graph.get(target, []))))
    return None


def layer_of(unit):
    """A pair of numbers that grows upwards, or None outside of the layers."""
    folder = unit.rpartition("/")[0]
    for driver, inner in DRIVER_LAYERS.items():
        if folder == driver or folder.startswith(driver + "/"):
            return LAYERS.index("core/drivers"), inner.index(folder[len(driver) + 1:])
    while folder:
        if folder in LAYERS:
            return LAYERS.index(folder), 0
        folder = folder.rpartition("/")[0]
    return None


class Layers(unittest.TestCase):
    def test_no_circle(self):
        graph = include_graph()
        self.assertGreater(len(graph), 100)
        circle = find_circle(graph)
        self.assertIsNone(circle, circle and " -> ".join(circle))

    def test_circles_are_found(self):
        self.assertEqual(["b", "c", "b"], find_circle({"a": ["b"], "b": ["c"], "c": ["b", "d"],
                                                       "d": []}))
        self.assertIsNone(find_circle({"a": ["b", "c"], "b": ["c"], "c": []}))

    def test_arrows_run_down(self):
        hits = [f"{unit} includes {target}, which is above it"
                for unit, targets in include_graph().items() if layer_of(unit)
                for target in targets if layer_of(target) and layer_of(target) > layer_of(unit)]
        self.assertEqual([], hits, "\n" + "\n".join(hits))

    def test_every_folder_has_its_layer(self):
        folders = {unit.rpartition("/")[0] for unit in include_graph() if unit.startswith("core/")}
        self.assertEqual([], sorted(folder for folder in folders if layer_of(folder + "/x") is None))

    def test_sources_start_with_their_header(self):
        """The own one, or the one that their folder shares; entry points have a public one."""
        hits = []
        for path in source_files(".c"):
            if not shown(path).startswith("core/"):
                continue
            first = next(iter(included_files(path)), None)
            own = path.with_suffix(".h")
            shared = first and first.parent == path.parent and not own.exists()
            if first != own and not shared and first not in core_public_headers():
                hits.append(f"{shown(path)} includes {first and shown(first)} first")
        self.assertEqual([], hits, "\n" + "\n".join(hits))
