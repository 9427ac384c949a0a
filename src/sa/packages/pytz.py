"""pytz: UTC; a time in another zone needs its tables."""
import datetime
import zoneinfo

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


class _Zone(datetime.tzinfo):
    """Another zone: only its name is known."""

    def __init__(self, zone):
        self.zone = zone

    def _refuse(self, *args, **kwargs):
        refuse(f"a time in the time zone `{self.zone}` of pytz")

    utcoffset = tzname = dst = fromutc = localize = normalize = _refuse

    def __repr__(self):
        return self._refuse()

    def __str__(self):
        return self.zone


_zones = {}


def timezone(zone):
    if zone is None:
        raise UnknownTimeZoneError(None)
    if zone.upper() == "UTC":
        return utc
    if zone not in _zones:
        try:
            zoneinfo.ZoneInfo(zone)
        except zoneinfo.ZoneInfoNotFoundError:
            raise UnknownTimeZoneError(zone)
        _zones[zone] = _Zone(zone)
    return _zones[zone]
