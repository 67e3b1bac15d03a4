#include "store/token_format.h"

#include <stddef.h>

const struct token_field token_file_fields[] = {
	{"0, 8 bytes", "\"paas-tok\"."},
	{"8, 2 bytes", "Format: 1."},
	{"10, 2 bytes", "Number of key slots: 1 to 8."},
	{"12, 16 bytes", "Id of the store: random, never changes."},
	{"28, 8 bytes", "Generation: one more at each write."},
	{"36, 8 bytes", "Length of the sealed part, at most 16 MiB."},
	{"44, 160 bytes each", "Key slots."},
	{"then 32 bytes", "BLAKE2b-256 of everything before: tells a damaged file from a wrong passphrase."},
	{"then 24 bytes", "Nonce, random at each write."},
	{"then to the end",
	 "The content, sealed with the master key by XChaCha20-Poly1305 (IETF), with all bytes before the nonce as associated data. "
	 "It is padded as of ISO/IEC 7816-4 to a multiple of 4096 bytes, so that the size tells little."},
	{NULL, NULL},
};

const struct token_field token_slot_fields[] = {
	{"0, 1 byte", "Type: 1 passphrase, 2 key file, 3 desktop keyring, 4 kept for hardware."},
	{"1, 1 byte", "Derivation: 1 argon2id 1.3 for a passphrase, else 0."},
	{"2, 2 bytes", "Zero."},
	{"4, 4 bytes", "Passes of argon2id, at most 16; else zero."},
	{"8, 4 bytes", "Memory of argon2id in KiB, at most 1 GiB, and passes times memory at most 4 GiB; else zero."},
	{"12, 16 bytes", "Salt; of a keyring slot the name of its item."},
	{"28, 24 bytes", "Nonce."},
	{"52, 48 bytes",
	 "The master key, sealed by XChaCha20-Poly1305 (IETF), with the bytes before the nonce and the store's id as associated data. The key is "
	 "what argon2id derives, the BLAKE2b-256 of the key file, or what the keyring keeps."},
	{"100, 56 bytes", "Label: UTF-8, filled up with zeros."},
	{"156, 4 bytes", "Zero."},
	{NULL, NULL},
};
