"""Comma-separated values."""
QUOTE_MINIMAL, QUOTE_ALL, QUOTE_NONNUMERIC, QUOTE_NONE = 0, 1, 2, 3


class Error(Exception):
    pass


class Dialect:
    delimiter = ","
    quotechar = '"'
    lineterminator = "\r\n"
    doublequote = True
    skipinitialspace = False
    quoting = QUOTE_MINIMAL


class excel(Dialect):
    pass


class excel_tab(excel):
    delimiter = "\t"


def reader(csvfile, dialect="excel", *, delimiter=None, quotechar='"', skipinitialspace=False, **kwargs):
    delimiter = delimiter or ("\t" if dialect in ("excel-tab", excel_tab) else ",")
    fields, field, quoted, started = [], "", False, False
    for line in csvfile:
        at = 0
        while at < len(line):
            character = line[at]
            at += 1
            if quoted:
                if character == quotechar:
                    if line[at:at + 1] == quotechar:
                        field += quotechar
                        at += 1
                    else:
                        quoted = False
                else:
                    field += character
            elif character == quotechar and not field:
                quoted = started = True
            elif character == delimiter:
                fields.append(field)
                field, started = "", True
            elif character in "\r\n":
                break
            elif not (skipinitialspace and character == " " and not field):
                field += character
                started = True
        if quoted:
            continue
        if started or field or fields:
            fields.append(field)
        yield fields
        fields, field, started = [], "", False


class DictReader:
    def __init__(self, f, fieldnames=None, restkey=None, restval=None, dialect="excel", *args, **kwargs):
        self.reader = reader(f, dialect, *args, **kwargs)
        self._fieldnames = list(fieldnames) if fieldnames is not None else None
        self.restkey, self.restval = restkey, restval

    @property
    def fieldnames(self):
        if self._fieldnames is None:
            self._fieldnames = next(self.reader, None)
        return self._fieldnames

    def __iter__(self):
        return self

    def __next__(self):
        names = self.fieldnames
        row = next(self.reader)
        while not row:
            row = next(self.reader)
        made = dict(zip(names, row))
        if len(row) > len(names):
            made[self.restkey] = row[len(names):]
        for name in names[len(row):]:
            made[name] = self.restval
        return made


class writer:
    def __init__(self, csvfile, dialect="excel", *, delimiter=None, quotechar='"', lineterminator="\r\n", quoting=QUOTE_MINIMAL, **kwargs):
        self._file = csvfile
        self._delimiter = delimiter or ("\t" if dialect in ("excel-tab", excel_tab) else ",")
        self._quote, self._end, self._quoting = quotechar, lineterminator, quoting

    def _field(self, value, only):
        text = "" if value is None else str(value)
        if self._quoting == QUOTE_ALL or (self._quoting == QUOTE_NONNUMERIC and not isinstance(value, (int, float))) or any(mark in text for mark in (self._delimiter, self._quote, "\n", "\r")) or (only and not text):
            return self._quote + text.replace(self._quote, self._quote * 2) + self._quote
        return text

    def writerow(self, row):
        row = list(row)
        return self._file.write(self._delimiter.join(self._field(value, len(row) == 1) for value in row) + self._end)

    def writerows(self, rows):
        for row in rows:
            self.writerow(row)


class DictWriter:
    def __init__(self, f, fieldnames, restval="", extrasaction="raise", dialect="excel", *args, **kwargs):
        self.fieldnames, self.restval, self.extrasaction = fieldnames, restval, extrasaction
        self.writer = writer(f, dialect, *args, **kwargs)

    def writeheader(self):
        return self.writer.writerow(self.fieldnames)

    def writerow(self, rowdict):
        if self.extrasaction == "raise":
            wrong = [key for key in rowdict if key not in self.fieldnames]
            if wrong:
                raise ValueError("dict contains fields not in fieldnames: " + ", ".join(repr(key) for key in wrong))
        return self.writer.writerow([rowdict.get(name, self.restval) for name in self.fieldnames])

    def writerows(self, rowdicts):
        for row in rowdicts:
            self.writerow(row)
