#include "core/fiaas/sha1.h"

#include <stdint.h>
#include <string.h>

enum { BLOCK_BYTES = 64, LENGTH_BYTES = 8 };

static uint32_t
rotate(uint32_t word, unsigned count)
{
	return word << count | word >> (32 - count);
}

static void
expand(const unsigned char *block, uint32_t words[80])
{
	for (unsigned i = 0; i < 16; i++)
		words[i] = (uint32_t)block[4 * i] << 24 | (uint32_t)block[4 * i + 1] << 16 |
		           (uint32_t)block[4 * i + 2] << 8 | block[4 * i + 3];
	for (unsigned i = 16; i < 80; i++)
		words[i] = rotate(words[i - 3] ^ words[i - 8] ^ words[i - 14] ^ words[i - 16], 1);
}

static uint32_t
mix(unsigned round, uint32_t b, uint32_t c, uint32_t d)
{
	switch (round) {
	case 0:
		return ((b & c) | (~b & d)) + 0x5A827999;
	case 2:
		return ((b & c) | (b & d) | (c & d)) + 0x8F1BBCDC;
	default:
		return (b ^ c ^ d) + (round == 1 ? 0x6ED9EBA1 : 0xCA62C1D6);
	}
}

static void
add_block(uint32_t state[5], const unsigned char *block)
{
	uint32_t words[80], a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
	expand(block, words);
	for (unsigned i = 0; i < 80; i++) {
		uint32_t next = rotate(a, 5) + mix(i / 20, b, c, d) + e + words[i];
		e = d;
		d = c;
		c = rotate(b, 30);
		b = a;
		a = next;
	}
	state[0] += a;
	state[1] += b;
	state[2] += c;
	state[3] += d;
	state[4] += e;
}

/* What is left, a 1 bit, zeros, and the length in bits: one block or two. */
static void
add_end(uint32_t state[5], const unsigned char *rest, size_t n_rest, uint64_t length)
{
	unsigned char end[2 * BLOCK_BYTES] = {0};
	size_t n_end = n_rest + 1 + LENGTH_BYTES > BLOCK_BYTES ? 2 * BLOCK_BYTES : BLOCK_BYTES;
	memcpy(end, rest, n_rest);
	end[n_rest] = 0x80;
	for (unsigned i = 0; i < LENGTH_BYTES; i++)
		end[n_end - 1 - i] = (unsigned char)(length * 8 >> 8 * i);
	for (size_t i = 0; i < n_end; i += BLOCK_BYTES)
		add_block(state, end + i);
}

void
sha1(const void *bytes, size_t length, unsigned char ret[SHA1_BYTES])
{
	uint32_t state[5] = {0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0};
	const unsigned char *at = bytes;
	size_t left = length;
	for (; left >= BLOCK_BYTES; left -= BLOCK_BYTES, at += BLOCK_BYTES)
		add_block(state, at);
	add_end(state, at, left, length);
	for (unsigned i = 0; i < SHA1_BYTES; i++)
		ret[i] = (unsigned char)(state[i / 4] >> (24 - 8 * (i % 4)));
}
