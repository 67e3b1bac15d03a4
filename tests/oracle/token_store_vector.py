#!/usr/bin/env python3
"""Makes a token store by the description of its format alone, for tests/unit/store_token_file.c.

    python3 tests/oracle/token_store_vector.py >tests/unit/store_vector.h

Shares nothing with the program but the page that describes the file: integers by struct, sums by hashlib, seals by PyNaCl.
Everything that is random in a real store is fixed here.  tests/witness/token-store.sh compares.
"""
import hashlib
import struct

from nacl.bindings import crypto_aead_xchacha20poly1305_ietf_encrypt as seal
from nacl.pwhash import argon2id

STORE_ID = bytes(range(0x10, 0x20))
MASTER = bytes(range(0x40, 0x60))
PASSPHRASE = "pässword with blanks".encode()
KEY_FILE = b"any file will do\n"
KEYRING_KEY = bytes(range(0x80, 0xA0))
NONCE = bytes(range(0xC0, 0xD8))
GENERATION = 41
CONTENT = ('[{"system":"sso","origin":"https://sso.example:8443","account":"maria","kind":"bearer","scopes":"openid groups",'
           '"token":"a\\"b","refresh_token":"r","expires_at":1790000000123,"obtained_at":1780000000000,'
           '"extra":{"id_token":"ä"}}]').encode()


def slot(kind, derivation, passes, memory_kib, salt, nonce, key, label):
    head = struct.pack(">BBHII16s", kind, derivation, 0, passes, memory_kib, salt)
    sealed = seal(MASTER, head + STORE_ID, nonce, key)
    return head + nonce + sealed + label.encode().ljust(56, b"\0") + bytes(4)


def pad(content):
    content += b"\x80"
    return content + bytes(-len(content) % 4096)


def salt_and_nonce(first):
    return bytes([first] * 16), bytes([first + 1] * 24)


def store():
    salt, nonce = salt_and_nonce(1)
    derived = argon2id.kdf(32, PASSPHRASE, salt, opslimit=2, memlimit=64 * 1024)
    slots = slot(1, 1, 2, 64, salt, nonce, derived, "recovery")
    salt, nonce = salt_and_nonce(3)
    slots += slot(2, 0, 0, 0, salt, nonce, hashlib.blake2b(KEY_FILE, digest_size=32).digest(), "key")
    salt, nonce = salt_and_nonce(5)
    slots += slot(3, 0, 0, 0, salt, nonce, KEYRING_KEY, "büro keyring")
    plain = pad(CONTENT)
    header = b"paas-tok" + struct.pack(">HH16sQQ", 1, 3, STORE_ID, GENERATION, len(plain) + 16) + slots
    header += hashlib.blake2b(header, digest_size=32).digest()
    return header + NONCE + seal(plain, header, NONCE, MASTER)


def array(name, data):
    print(f"static const unsigned char {name}[] = {{")
    for at in range(0, len(data), 24):
        print("\t" + ", ".join(f"0x{byte:02x}" for byte in data[at:at + 24]) + ",")
    print("};")


print("/* Made by tests/oracle/token_store_vector.py: do not edit. */")
array("vector_master", MASTER)
array("vector_nonce", NONCE)
array("vector_passphrase", PASSPHRASE)
array("vector_key_file", KEY_FILE)
array("vector_keyring_key", KEYRING_KEY)
array("vector_content", CONTENT)
array("vector_store", store())
