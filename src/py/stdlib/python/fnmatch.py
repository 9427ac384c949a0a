"""Shell patterns."""
import re


def translate(pat):
    result = ""
    at = 0
    while at < len(pat):
        character = pat[at]
        at += 1
        if character == "*":
            result += ".*"
        elif character == "?":
            result += "."
        elif character == "[":
            end = at
            if end < len(pat) and pat[end] == "!":
                end += 1
            if end < len(pat) and pat[end] == "]":
                end += 1
            while end < len(pat) and pat[end] != "]":
                end += 1
            if end >= len(pat):
                result += "\\["
            else:
                inside = pat[at:end].replace("\\", "\\\\")
                at = end + 1
                result += "[" + ("^" + inside[1:] if inside[0] == "!" else inside) + "]"
        else:
            result += re.escape(character)
    return f"(?s:{result})\\Z"


def fnmatchcase(name, pat):
    return re.match(translate(pat), name) is not None


fnmatch = fnmatchcase


def filter(names, pat):
    return [name for name in names if fnmatchcase(name, pat)]
