#!/usr/bin/env python3
"""What Python itself makes of the values FDD, a Python program, derives with it.

    tests/oracle/fiaas.py >tests/fixtures/oracle/fiaas.json

Read by tests/unit/core_fiaas_oracle.c.  The seed is fixed: the same Python gives the same file.
"""
import base64
import hashlib
import json
import random
import re
import shlex

random.seed(20260101)


def split(text):
    try:
        return shlex.split(text)
    except ValueError as error:
        return str(error)


def shell_words():
    fixed = ["", " ", "a", "sh -c 'a b'", 'a"b c"d', r"a\ b", r'"a\"b"', r'"a\nb"', "''", "a ''", "'a", '"a', "a\\",
             r"'a\'", "a\tb\r\nc", "a #b", "$HOME *.c `x` | y", "\"'\"", "'\"'", "é 'ü ö'", '"\\', "\\\\", "a'b'\"c\"d"]
    drawn = ["".join(random.choices(" \tab'\"\\", k=random.randint(1, 12))) for _ in range(400)]
    return [{"text": text, "words": split(text)} for text in fixed + drawn]


def rewrite(rules, host):
    for pattern, replacement in rules:
        if re.match(pattern, host):
            return re.sub(pattern, replacement, host)
    return host


def hosts():
    names = ["www.site.com", "www.www.com", "a.example", "api.dev.acme.example", "www", "xwww.site.com", "1.2.3", "..", "é.example"]
    rules = [
        [["www", "dev"]],
        [[r"^(.*)$", r"dev.\1"]],
        [[r"(.*)", r"<\1>"]],
        [[r"x*", "-"]],
        [[r"", "-"]],
        [[r"(?P<first>[^.]+)\.(?P<rest>.*)", r"\g<rest>.\g<first>"]],
        [[r"([^.]+)\.", r"\g<1>-"]],
        [[r"\w+", "w"]],
        [["nothing", "x"], ["a", "b"], ["api", "never"]],
        [[r"(a)|(w)", r"[\1\2]"]],
        [[r"(w+)\.", r"\\\1."]],
        [[r"[a-z]+$", "end"]],
        [[r".", ""]],
        [[r"(w)(w)(w)", r"\3\2\1"]],
    ]
    return [{"rules": r, "host": h, "rewritten": rewrite(r, h)} for r in rules for h in names]


def short_host(name, namespace, suffixes):
    suffix = min(suffixes, key=len)
    digest = base64.b32encode(hashlib.sha1((name + namespace).encode()).digest()).decode().strip("=").lower()
    host = digest[:62 - len(suffix)] + "." + suffix
    return None if len(host) > 63 or host.startswith(".") else host


def short_hosts():
    suffixes = [["short.suffix"], ["longer.suffix.example", "b.example", "a.example"], ["x" * 40 + ".example"],
                ["x" * 61], ["x" * 62], ["x" * 63], ["x" * 70]]
    rows = [("testapp", "default"), ("v3-data-examples-tls-enabled", "default"), ("a", "b"), ("n" * 63, "s" * 63)]
    return [{"name": n, "namespace": s, "suffixes": x, "host": short_host(n, s, x)} for n, s in rows for x in suffixes]


def sha1s():
    return [{"text": "a" * n, "hash": hashlib.sha1(b"a" * n).hexdigest()} for n in [*range(0, 3), *range(54, 66), 119, 120, 128, 1000]]


def reprs():
    numbers = [0.1, 1.5, -2.25, 1e15, 1e16, 123456789012345680.0, 1e-4, 1e-5, 5e-324, 1.7976931348623157e308, 0.30000000000000004]
    numbers += [random.uniform(-1, 1) * 10 ** random.randint(-20, 20) for _ in range(200)]
    texts = ["", "a", "it's", 'say "x"', "it's \"x\"", "tab\there", "back\\slash", "é", "\x1b[31m", "\x7f"]
    values = numbers + texts + [[1, [2.0, None]], {"a": {"b": True}, "c": []}]
    return [{"value": value, "repr": repr(value)} for value in values]


print(json.dumps({"python": "shlex, re, hashlib, repr", "shell_words": shell_words(), "hosts": hosts(),
                  "short_hosts": short_hosts(), "sha1": sha1s(), "repr": reprs()}, indent=0, ensure_ascii=False))
