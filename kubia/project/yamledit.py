"""Edits YAML files: what differs is written anew, every other line stays as it is.

A value that stands elsewhere (by an alias or a merge key) is not touched there: the edit adds its
own, or, where it cannot, is left to a person.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from yaml import CollectionNode, MappingNode, Node, ScalarNode

from kubia import yaml12
from kubia.errors import InvalidError, KubiaError
from kubia.project import stackfile

BOM = "\ufeff"
"""The byte order mark that some editors begin a file with."""


_REST = re.compile(r"[ \t]*,?[ \t]*(?:#[^\n]*|\r)?\n")
"""What follows an entry of a flow map in a line that no other stands in."""


class _Splice(NamedTuple):
    start: int
    end: int
    text: str


def edited(file: Path, content: Mapping[str, Any]) -> str:
    """Return the file's text, changed to hold `content`.

    Raises:
        InvalidError: the file holds no YAML.
        KubiaError: the file is written in a way that cannot be edited.

    """
    whole = stackfile.text(file)
    text = whole.removeprefix(BOM)
    changed = text
    end_of_line = "\r\n" if "\r\n" in text else "\n"
    splices = sorted(_splices(file, text, content), key=lambda splice: (splice.start, splice.end))
    for start, end, new in reversed(splices):
        changed = changed[:start] + new.replace("\n", end_of_line) + changed[end:]
    if not _holds(changed, file, content):
        message = f"{file}: cannot be edited so that it declares what it should: edit it by hand."
        raise KubiaError(message)
    return whole[: len(whole) - len(text)] + changed


def _splices(file: Path, text: str, content: Mapping[str, Any]) -> Iterator[_Splice]:
    root = yaml12.compose(text, str(file))
    old = stackfile.parsed(text, file)
    if isinstance(root, MappingNode) and (old.keys() & content.keys() or not root.flow_style):
        yield from _Editor(text).mapping(root, old, content)
    elif isinstance(root, MappingNode):
        whole = yaml12.dump(dict(content), flow=True).strip()
        yield _Splice(root.start_mark.index, root.end_mark.index, whole)
    elif content:
        break_ = "" if not text or text.endswith("\n") else "\n"
        yield _Splice(len(text), len(text), break_ + yaml12.dump(dict(content)))


def _holds(text: str, file: Path, content: Mapping[str, Any]) -> bool:
    try:
        return same(stackfile.parsed(text, file), content)
    except InvalidError:
        return False


def same(one: Any, other: Any) -> bool:
    """Whether the values are equal; unlike to Python, true is not 1."""
    return json.dumps(one, sort_keys=True) == json.dumps(other, sort_keys=True)


class _Editor:
    """Finds what to write where."""

    def __init__(self, text: str) -> None:
        self._text = text

    def mapping(
        self, node: MappingNode, old: Mapping[str, Any], new: Mapping[str, Any]
    ) -> Iterator[_Splice]:
        """Yield what makes the map at `node` hold `new` instead of `old`, which share a key."""
        pairs = [(key, value) for key, value in node.value if not key.tag.endswith(":merge")]
        kept = False
        for index, (key, value) in enumerate(pairs):
            if key.value in new:
                yield from self._entry(node, key, value, old[key.value], new[key.value])
                kept = True
            else:
                before = pairs[index - 1][1] if kept else None
                after = pairs[index + 1][0] if index + 1 < len(pairs) else None
                yield self._without(node, (key, value), before, after)
        own = {key.value for key, _ in pairs}
        added = {
            key: value
            for key, value in new.items()
            if key not in own and not (key in old and same(old[key], value))
        }
        if added:
            yield self._with(node, added)

    def _entry(
        self, parent: MappingNode, key: Node, node: Node, old: Any, new: Any
    ) -> Iterator[_Splice]:
        if same(old, new):
            return
        here = node.start_mark.index >= key.end_mark.index  # and no alias
        both = isinstance(old, dict) and isinstance(new, dict) and old.keys() & new.keys()
        if here and isinstance(node, MappingNode) and both:
            yield from self.mapping(node, old, new)
        elif here and isinstance(node, MappingNode) and new == {} and self._has_comments(key, node):
            if not node.flow_style:
                colon = self._text.index(":", key.end_mark.index) + 1
                yield _Splice(colon, colon, " {}")
            yield from self.mapping(node, old, new)
        elif here and isinstance(node, ScalarNode) and not self._needs_block(parent, node, new):
            yield self._scalar(parent, node, new)
        elif here:
            yield self._anew(parent, key, node, new)

    def _needs_block(self, parent: MappingNode, node: ScalarNode, new: Any) -> bool:
        """Whether the value is written in lines of its own."""
        if isinstance(new, dict | list):
            return True
        rest = self._text[node.end_mark.index :].partition("\n")[0]
        has_room = not parent.flow_style and (not rest.strip("\r") or node.style in {"|", ">"})
        return isinstance(new, str) and "\n" in new and has_room

    def _scalar(self, parent: MappingNode, node: ScalarNode, new: Any) -> _Splice:
        """Write a value in the place of another."""
        start, end = node.start_mark.index, node.end_mark.index
        text = yaml12.dump(new, flow=True).removesuffix("\n").removesuffix("\n...")
        if start == end:
            text = f" {text}"
        if node.style in {"|", ">"} and not parent.flow_style:
            text += "\n"
        return _Splice(start, end, text)

    def _anew(self, parent: MappingNode, key: Node, node: Node, new: Any) -> _Splice:
        """Write the whole value anew, from its key on."""
        start, end = key.start_mark.index, self._end(node)
        if parent.flow_style or getattr(node, "flow_style", False) or new in ({}, []):
            value = yaml12.dump(new, flow=True).strip()
            return _Splice(key.end_mark.index, end, f": {value}")
        text = self._block({key.value: new}, key).lstrip(" ")
        return _Splice(start, end, text if self._text[end - 1] == "\n" else text[:-1])

    def _without(
        self, parent: MappingNode, entry: tuple[Node, Node], before: Node | None, after: Node | None
    ) -> _Splice:
        """Remove an entry; what has lines of its own goes with them and its comment."""
        key, value = entry
        start, end, line = key.start_mark.index, self._end(value), self._line(key)
        if not parent.flow_style:
            stop = self._text.find("\n", max(end - 1, key.end_mark.index)) + 1
            return _Splice(line, stop or len(self._text), "")
        rest = _REST.match(self._text, end)
        if rest and not self._text[line:start].strip():
            return _Splice(line, rest.end(), "")
        # Its comma goes too, unless there is another's comment on the way there.
        if before is not None:
            comma = self._end(before)
            return _Splice(start if "#" in self._text[comma:start] else comma, end, "")
        stop = after.start_mark.index if after else end
        own = rest.end() if rest else end
        return _Splice(start, own if "#" in self._text[own:stop] else stop, "")

    def _with(self, node: MappingNode, added: Mapping[str, Any]) -> _Splice:
        """Add entries after the last."""
        end = self._end(node)
        if node.flow_style:
            inner = yaml12.dump(dict(added), flow=True).strip()[1:-1]
            if not node.value:
                return _Splice(end - 1, end - 1, inner)
            key, value = node.value[-1]
            last = self._end(value) if value.start_mark.index > key.start_mark.index else end - 1
            return _Splice(last, last, f", {inner}")
        stop = self._text.find("\n", end - 1) + 1
        lines = self._block(added, node.value[0][0])
        if stop == 0:
            return _Splice(len(self._text), len(self._text), "\n" + lines[:-1])
        return _Splice(stop, stop, lines)

    def _has_comments(self, key: Node, node: MappingNode) -> bool:
        """Whether a key's map has comments, or looks so; a block's last may be of an entry, too."""
        end = self._end(node)
        if not node.flow_style:
            end = self._text.find("\n", end) % (len(self._text) + 1)
        return "#" in self._text[key.end_mark.index : end]

    def _block(self, content: Mapping[str, Any], key: Node) -> str:
        """Return entries of a block, as far in as `key`."""
        prefix = " " * key.start_mark.column
        lines = yaml12.dump(dict(content)).split("\n")
        return "\n".join(prefix + line if line.strip() else line for line in lines)

    def _line(self, key: Node) -> int:
        """Where the key's line begins."""
        return self._text.rfind("\n", 0, key.start_mark.index) + 1

    def _end(self, node: Node) -> int:
        """Where a node ends; a block's mark is only where the next one begins."""
        is_block = isinstance(node, CollectionNode) and not node.flow_style
        if not is_block or not node.value:
            return int(node.end_mark.index)
        last = node.value[-1]
        key, value = last if isinstance(last, tuple) else (last, last)
        is_alias = value.start_mark.index < key.start_mark.index
        if is_alias:  # `*name`, whose own mark is that of what it stands for
            return self._text.find("\n", key.end_mark.index) % (len(self._text) + 1)
        return self._end(value)
