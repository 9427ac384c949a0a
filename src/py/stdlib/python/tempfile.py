"""Temporary files and folders."""
import os
import shutil
import uuid


def gettempdir():
    return os.environ.get("TMPDIR", "/tmp")


def mkdtemp(suffix=None, prefix=None, dir=None):
    path = os.path.join(dir or gettempdir(), f"{prefix or 'tmp'}{uuid.uuid4().hex[:8]}{suffix or ''}")
    os.mkdir(path)
    return path


class TemporaryDirectory:
    def __init__(self, suffix=None, prefix=None, dir=None, ignore_cleanup_errors=False):
        self.name = mkdtemp(suffix, prefix, dir)

    def __enter__(self):
        return self.name

    def __exit__(self, *exc_info):
        self.cleanup()

    def cleanup(self):
        shutil.rmtree(self.name, True)
