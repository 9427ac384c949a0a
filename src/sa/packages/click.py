"""click/utils.py, termui.py: what is printed. Without a terminal the styles are left out, as click does."""
import re
import sys

_STYLE = re.compile(r"\x1b\[[;?0-9]*[a-zA-Z]")


def unstyle(text):
    return _STYLE.sub("", text)


def echo(message=None, file=None, nl=True, err=False, color=None):
    text = "" if message is None else message.decode() if isinstance(message, bytes) else str(message)
    text = unstyle(text) + ("\n" if nl else "")
    if text:
        print(text, end="", file=file or (sys.stderr if err else sys.stdout))


def style(text, **styles):
    return str(text)


def secho(message=None, file=None, nl=True, err=False, color=None, **styles):
    echo(message, file=file, nl=nl, err=err, color=color)
