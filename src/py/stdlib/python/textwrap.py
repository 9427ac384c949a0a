"""Text in paragraphs."""
import re

__all__ = ["TextWrapper", "wrap", "fill", "dedent", "indent", "shorten"]
_SPACES = "\t\n\x0b\x0c\r "


def dedent(text):
    lines = text.split("\n")
    margin = None
    kept = []
    for line in lines:
        if not line.strip(" \t"):
            kept.append("")
            continue
        kept.append(line)
        indent = line[:len(line) - len(line.lstrip(" \t"))]
        if margin is None:
            margin = indent
        else:
            common = 0
            while common < min(len(margin), len(indent)) and margin[common] == indent[common]:
                common += 1
            margin = margin[:common]
    if margin:
        kept = [line[len(margin):] if line else line for line in kept]
    return "\n".join(kept)


def indent(text, prefix, predicate=None):
    if predicate is None:
        predicate = lambda line: line.strip()
    return "".join(prefix + line if predicate(line) else line for line in text.splitlines(True))


class TextWrapper:
    def __init__(self, width=70, initial_indent="", subsequent_indent="", expand_tabs=True, replace_whitespace=True, fix_sentence_endings=False, break_long_words=True, drop_whitespace=True, break_on_hyphens=True, tabsize=8, *, max_lines=None, placeholder=" [...]"):
        self.width = width
        self.initial_indent = initial_indent
        self.subsequent_indent = subsequent_indent
        self.expand_tabs = expand_tabs
        self.tabsize = tabsize
        self.replace_whitespace = replace_whitespace
        self.break_long_words = break_long_words
        self.break_on_hyphens = break_on_hyphens
        self.max_lines = max_lines
        self.placeholder = placeholder

    def _words(self, text):
        if self.expand_tabs:
            text = text.expandtabs(self.tabsize)
        if self.replace_whitespace:
            for space in _SPACES:
                text = text.replace(space, " ")
        pieces = []
        for word in re.split(r"( +)", text):
            if not word:
                continue
            if self.break_on_hyphens and "-" in word.strip("-"):
                pieces.extend(part for part in re.split(r"(?<=[\w])(-+)(?=\w)", word) if part)
                joined = []
                for part in pieces:
                    if joined and part.strip("-") == "" and part:
                        joined[-1] += part
                    else:
                        joined.append(part)
                pieces = joined
            else:
                pieces.append(word)
        return pieces

    def wrap(self, text):
        if self.width <= 0:
            raise ValueError(f"invalid width {self.width!r} (must be > 0)")
        chunks = self._words(text)
        chunks.reverse()
        lines = []
        while chunks:
            indent = self.subsequent_indent if lines else self.initial_indent
            width = self.width - len(indent)
            line, length = [], 0
            if lines and not chunks[-1].strip():
                chunks.pop()
            while chunks and length + len(chunks[-1]) <= width:
                length += len(chunks[-1])
                line.append(chunks.pop())
            if chunks and len(chunks[-1]) > width:
                room = max(width - length, 1)
                if self.break_long_words:
                    line.append(chunks[-1][:room])
                    chunks[-1] = chunks[-1][room:]
                elif not line:
                    line.append(chunks.pop())
                length = sum(map(len, line))
            if line and not line[-1].strip():
                length -= len(line.pop())
            if line:
                if self.max_lines is None or len(lines) + 1 < self.max_lines or (not chunks or len(chunks) == 1 and not chunks[0].strip()) and length <= width:
                    lines.append(indent + "".join(line))
                else:
                    while line:
                        if line[-1].strip() and length + len(self.placeholder) <= width:
                            lines.append(indent + "".join(line) + self.placeholder)
                            break
                        length -= len(line.pop())
                    else:
                        lines.append(indent + self.placeholder.lstrip())
                    break
        return lines

    def fill(self, text):
        return "\n".join(self.wrap(text))


def wrap(text, width=70, **kwargs):
    return TextWrapper(width=width, **kwargs).wrap(text)


def fill(text, width=70, **kwargs):
    return TextWrapper(width=width, **kwargs).fill(text)


def shorten(text, width, **kwargs):
    return TextWrapper(width=width, max_lines=1, **kwargs).fill(" ".join(text.strip().split()))
