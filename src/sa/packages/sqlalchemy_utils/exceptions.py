"""sqlalchemy_utils/exceptions.py"""


class ImproperlyConfigured(Exception):
    pass
