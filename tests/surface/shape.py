"""The shape of JSON answers: which members there are, and of which types.

A golden is a text file, a line a member: a path, then its types.

    .settings[].name    string
    .settings[].value   null|string
    .error?.code        string          the member is not always there
    .aliases.*          string          a map: any name

Of a stream each line stands below its type, as `result.outcome`.  An answer fits when every member
that is always there is there, and every member has one of its types; what the golden does not know
is new and allowed.
"""


def type_of(value):
    for name, kinds in (("null", type(None)), ("boolean", bool), ("integer", int), ("number", float), ("string", str), ("array", list), ("object", dict)):
        if isinstance(value, kinds):
            return name
    raise TypeError(value)


class Shape:
    def __init__(self, maps=()):
        self.maps = set(maps)
        self.types = {}    # path -> set of types
        self.parents = {}  # path -> how many objects could have had it
        self.seen = {}     # path -> how many had it

    # ---- from answers ----

    def add(self, value, path="."):
        if isinstance(value, dict):
            self.add_object(value, path)
        elif isinstance(value, list):
            for item in value:
                self.note(path + "[]", item)
                self.add(item, path + "[]")

    def note(self, path, value):
        self.types.setdefault(path, set()).add(type_of(value))

    def add_object(self, value, path):
        self.parents[path] = self.parents.get(path, 0) + 1
        for name, member in value.items():
            below = join(path, "*" if path in self.maps else name)
            if path not in self.maps:
                self.seen[below] = self.seen.get(below, 0) + 1
            self.note(below, member)
            self.add(member, below)

    def add_document(self, document, is_stream):
        if is_stream and isinstance(document, dict):
            self.add(document, str(document.get("type")))
        else:
            self.add(document)

    def is_optional(self, path):
        return path in self.seen and self.seen[path] < self.parents[parent_of(path)]

    # ---- as text ----

    def lines(self, before=None):
        """What an earlier golden knew of the same members stays known: a run does not show everything."""
        for path in sorted(self.types):
            types = self.types[path] | (before.types.get(path, set()) if before else set()) | OF_AN_ERROR.get(last_two(path), set())
            is_optional = self.is_optional(path) or (before and path in before.optional)
            yield f"{path}{'?' if is_optional else ''}\t{'|'.join(sorted(types))}"


# The same in every answer (`paas help formatting`), whichever of them a run shows.
OF_AN_ERROR = {"error.what": {"null", "string"}, "error.next": {"null", "string"}, "error.source": {"null", "object"}}


def last_two(path):
    return ".".join(path.split(".")[-2:])


def join(path, name):
    return f".{name}" if path == "." else f"{path}.{name}"


def parent_of(path):
    return path.rpartition(".")[0] or "."


class Golden:
    def __init__(self, text):
        self.types = {}
        self.required = {}  # parent -> names
        self.optional = set()
        self.maps = set()
        for line in text.splitlines():
            if not line or line.startswith("#"):
                continue
            path, types = line.split("\t")
            is_optional = path.endswith("?")
            path = path.rstrip("?")
            if is_optional:
                self.optional.add(path)
            self.types[path] = set(types.split("|"))
            if path.endswith(".*"):
                self.maps.add(parent_of(path))
            elif not is_optional and not path.endswith("[]"):
                self.required.setdefault(parent_of(path), set()).add(path.rpartition(".")[2])

    def complaints(self, document, is_stream):
        found = []
        start = str(document.get("type")) if is_stream and isinstance(document, dict) else "."
        self.compare(document, start, found)
        return found

    def compare(self, value, path, found):
        if isinstance(value, dict):
            if path not in self.maps:
                found += [f"{join(path, name)} is missing" for name in sorted(self.required.get(path, set()) - set(value))]
            for name, member in value.items():
                self.compare_member(member, join(path, "*" if path in self.maps else name), found)
        elif isinstance(value, list):
            for item in value:
                self.compare_member(item, path + "[]", found)

    def compare_member(self, value, path, found):
        known = self.types.get(path)
        if known is None:
            return  # new, with all that is below
        fits = type_of(value) in known or (type_of(value) == "integer" and "number" in known)
        if not fits:
            found.append(f"{path} is {type_of(value)}, not {'|'.join(sorted(known))}")
        else:
            self.compare(value, path, found)
