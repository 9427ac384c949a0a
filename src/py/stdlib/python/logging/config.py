"""Logging set up from an ini file or a dictionary."""
import logging
import sys


def _class(name):
    known = {"StreamHandler": logging.StreamHandler, "logging.StreamHandler": logging.StreamHandler, "FileHandler": logging.FileHandler, "logging.FileHandler": logging.FileHandler, "NullHandler": logging.NullHandler, "logging.NullHandler": logging.NullHandler}
    if name in known:
        return known[name]
    module, _, attribute = name.rpartition(".")
    import importlib
    return getattr(importlib.import_module(module or "logging"), attribute)


def _literal(text):
    text = text.strip()
    if text in ("sys.stderr", "sys.stdout"):
        return getattr(sys, text[4:])
    if text in ("None", "True", "False"):
        return {"None": None, "True": True, "False": False}[text]
    if text[:1] in ("'", '"') and text[-1:] == text[:1]:
        return text[1:-1]
    return int(text)


def _arguments(text):
    text = text.strip()
    if text.startswith("(") and text.endswith(")"):
        text = text[1:-1]
    return tuple(_literal(part) for part in text.split(",") if part.strip())


def fileConfig(fname, defaults=None, disable_existing_loggers=True, encoding=None):
    import configparser
    if hasattr(fname, "get") and hasattr(fname, "sections"):
        parser = fname
    else:
        parser = configparser.ConfigParser(defaults)
        if hasattr(fname, "readline"):
            parser.read_file(fname)
        else:
            if not parser.read(fname, encoding=encoding):
                raise FileNotFoundError(f"{fname} doesn't exist")
    split = lambda text: [part.strip() for part in text.split(",") if part.strip()]
    formatters = {}
    for name in split(parser["formatters"]["keys"]):
        section = parser[f"formatter_{name}"]
        formatters[name] = logging.Formatter(section.get("format", raw=True), section.get("datefmt", raw=True), section.get("style", "%", raw=True))
    handlers = {}
    for name in split(parser["handlers"]["keys"]):
        section = parser[f"handler_{name}"]
        handler = _class(section["class"])(*_arguments(section.get("args", "()")))
        if section.get("level"):
            handler.setLevel(section["level"])
        if section.get("formatter"):
            handler.setFormatter(formatters[section["formatter"]])
        handlers[name] = handler
    names = split(parser["loggers"]["keys"])
    section = parser["logger_root"]
    if section.get("level"):
        logging.root.setLevel(section["level"])
    logging.root.handlers.clear()
    for name in split(section.get("handlers", "")):
        logging.root.addHandler(handlers[name])
    existing = dict(logging.root.manager.loggerDict)
    kept = set()
    for name in names:
        if name == "root":
            continue
        section = parser[f"logger_{name}"]
        qualified = section["qualname"]
        logger = logging.getLogger(qualified)
        kept.add(qualified)
        if section.get("level"):
            logger.setLevel(section["level"])
        logger.handlers.clear()
        logger.propagate = int(section.get("propagate", "1"))
        logger.disabled = False
        for handler in split(section.get("handlers", "")):
            logger.addHandler(handlers[handler])
    if disable_existing_loggers:
        for name, logger in existing.items():
            if name not in kept and not any(name.startswith(other + ".") for other in kept):
                logger.disabled = True


def dictConfig(config):
    formatters = {}
    for name, item in config.get("formatters", {}).items():
        formatters[name] = logging.Formatter(item.get("format"), item.get("datefmt"), item.get("style", "%"))
    handlers = {}
    for name, item in config.get("handlers", {}).items():
        item = dict(item)
        made = item.pop("class")
        level, formatter = item.pop("level", None), item.pop("formatter", None)
        item.pop("filters", None)
        if isinstance(item.get("stream"), str):
            item["stream"] = getattr(sys, item["stream"].rsplit(".", 1)[-1])
        handler = _class(made)(**item)
        if level is not None:
            handler.setLevel(level)
        if formatter is not None:
            handler.setFormatter(formatters[formatter])
        handlers[name] = handler
    items = list(config.get("loggers", {}).items())
    if "root" in config:
        items.append(("", config["root"]))
    for name, item in items:
        logger = logging.getLogger(name)
        if item.get("level") is not None:
            logger.setLevel(item["level"])
        if "propagate" in item:
            logger.propagate = item["propagate"]
        logger.handlers.clear()
        for handler in item.get("handlers", ()):
            logger.addHandler(handlers[handler])
