"""Data that several tasks share: strings, signals, functions, characters, objects, hub data."""

from tasks._data.blobs import Blobs
from tasks._data.deformed import Poses, deform
from tasks._data.grammar import HierarchyRules, hierarchy
from tasks._data.handwritten import digits, digits_arrays
from tasks._data.motif import Motifs, motifs
from tasks._data.photographs import cifar10
from tasks._data.pinned import Pinned, hub
from tasks._data.splines import Tree, multilevel, node_value, tree
from tasks._data.turned import turn
from tasks._data.typeset import CHARACTERS, glyphs

__all__ = [
    "CHARACTERS",
    "Blobs",
    "HierarchyRules",
    "Motifs",
    "Pinned",
    "Poses",
    "Tree",
    "cifar10",
    "deform",
    "digits",
    "digits_arrays",
    "glyphs",
    "hierarchy",
    "hub",
    "motifs",
    "multilevel",
    "node_value",
    "tree",
    "turn",
]
