"""Colours of shapes to fills of elements, which several shapes may share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from lbie.vector.expansion import index_ids
from lbie.vector.names import SVG, local_name, target_id
from lbie.vector.patch import Fill
from lbie.vector.read import Svg
from lbie.vector.scene import Instance
from lbie.vector.style import value_of

Colour = tuple[int, int, int]


def assign_fills(
    svg: Svg, instances: Sequence[Instance], colours: Mapping[int, Colour], pixels: Mapping[int, int]
) -> tuple[dict[int, Fill], list[str]]:
    """Find the fewest fills that give shapes their colours and leave others as they are.

    A shape that is drawn once gets its colour itself. Where `use` draws one several times and not all are to be alike,
    each `use` gets a fill for its copy to inherit, if that touches nothing else; if not, all copies get the colour that
    most of their area got, and a warning says so.

    Args:
        svg: the drawing.
        instances: its shapes as they are drawn.
        colours: number of a shape to its new colour.
        pixels: number of a shape to its visible pixels, of all that show at all.

    Returns:
        Number of the element to its fill, and warnings.
    """
    elements = list(svg.root.iter("*"))
    groups: dict[int, list[int]] = defaultdict(list)
    for i, shape in enumerate(instances):
        groups[shape.origin].append(i)
    fills: dict[int, Fill] = {}
    warnings = []
    for origin, members in groups.items():
        wanted = {i: colours.get(i) for i in members if i in colours or pixels.get(i)}
        if not any(wanted.values()):
            continue
        if len(set(wanted.values())) == 1:
            fills[origin] = _fill(svg, origin, _hex(next(iter(wanted.values()))))
            continue
        apart = _apart(svg, elements, instances, members, colours)
        if apart is not None and not any(number in fills and fills[number] != fill for number, fill in apart.items()):
            fills |= apart
            continue
        weight: dict[Colour | None, int] = defaultdict(int)
        for i, colour in wanted.items():
            weight[colour] += pixels.get(i, 0)
        most = max(weight, key=lambda c: weight[c])
        what = f"{_say(elements[origin])} is drawn {len(members)} times from one definition"
        if most is None:
            warnings.append(f"{what}, and most of it kept its colour: left as it was")
        else:
            fills[origin] = _fill(svg, origin, _hex(most))
            warnings.append(f"{what}, and one cannot be filled without the others: all are now {_hex(most)}")
    return fills, warnings


def _apart(
    svg: Svg, elements: list[Any], instances: Sequence[Instance], members: list[int], colours: Mapping[int, Colour]
) -> dict[int, Fill] | None:
    """Fills of the `use` elements that give each copy its own colour; None where that touches something else."""
    fills: dict[int, Fill] = {}
    ids = index_ids(svg.root)
    number = {node: i for i, node in enumerate(elements)}

    def own_fill(n: int) -> bool:
        return "fill" in svg.styles[n].values or elements[n].get("fill") is not None

    def around(origin: int, target: Any) -> list[int]:
        """The elements that a shape lies in, up to the target."""
        found, node = [], elements[origin]
        while node is not target and node is not None:
            node = node.getparent()
            found.append(number.get(node, 0))
        return found

    for i in members:
        shape = instances[i]
        use = shape.uses[-1] if shape.uses else -1
        target = ids.get(target_id(elements[use]) or "") if shape.uses else None
        if target is None or next(target.iter(f"{{{SVG}}}text"), None) is not None or use in fills:
            return None  # drawn where it stands, has text that would be coloured, or its `use` is copied itself
        if any(own_fill(n) for n in around(shape.origin, target)):
            return None  # a group in between decides
        for other in instances:
            if use in other.uses and other.origin != shape.origin:
                chain = [other.origin, *around(other.origin, target)]
                if other.uses[-1] != use or not any(own_fill(n) for n in chain):
                    return None  # something else would inherit the fill
        value = _hex(colours[i]) if i in colours else value_of(shape.node, "fill", "black")
        fills[use] = _fill(svg, use, value)
    origin = instances[members[0]].origin
    if own_fill(origin):
        fills[origin] = _fill(svg, origin, "inherit")
    return fills


def _fill(svg: Svg, number: int, value: str) -> Fill:
    style = svg.styles[number]
    return Fill(value, "fill" in style.by_rule, "fill" in style.important)


def _hex(colour: Colour | None) -> str:
    return "#{:02x}{:02x}{:02x}".format(*(colour or (0, 0, 0)))


def _say(element: Any) -> str:
    name = f" '{element.get('id')}'" if element.get("id") else ""
    return f"{local_name(element)}{name} in line {element.sourceline}"
