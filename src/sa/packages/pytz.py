"""pytz: UTC; other zones need its tables."""
import datetime

from _aludel import refuse


class UnknownTimeZoneError(KeyError):
    __module__ = "pytz.exceptions"


class _UTC(datetime.tzinfo):
    zone = "UTC"

    def utcoffset(self, dt):
        return datetime.timedelta(0)

    def tzname(self, dt):
        return "UTC"

    def dst(self, dt):
        return datetime.timedelta(0)

    def localize(self, dt, is_dst=False):
        if dt.tzinfo is not None:
            raise ValueError("Not naive datetime (tzinfo is already set)")
        return dt.replace(tzinfo=self)

    def normalize(self, dt, is_dst=False):
        if dt.tzinfo is self:
            return dt
        if dt.tzinfo is None:
            raise ValueError("Naive time - no tzinfo set")
        return dt.astimezone(self)

    def __repr__(self):
        return "<UTC>"

    def __str__(self):
        return "UTC"


UTC = utc = _UTC()


def timezone(zone):
    if zone is None:
        raise UnknownTimeZoneError(None)
    if zone.upper() == "UTC":
        return utc
    refuse(f"the time zone `{zone}` of pytz")
