#include <sodium.h>
#include <stdio.h>

#include "base/clock.h"
#include "sandbox/spinnaker/parts.h"

enum { TIME_CHARACTERS = 10, RANDOM_CHARACTERS = 16, BITS_A_CHARACTER = 5, UUID_BYTES = 16 };

/* 48 bits of time and 80 of chance in Crockford's base 32. */
const char *
identifier_ulid(char ret[static IDENTIFIER_BYTES])
{
	static const char letters[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
	uint64_t time = (uint64_t)clock_wall_ms();
	for (size_t i = TIME_CHARACTERS; i-- > 0; time >>= BITS_A_CHARACTER)
		ret[i] = letters[time % (sizeof letters - 1)];
	for (size_t i = 0; i < RANDOM_CHARACTERS; i++)
		ret[TIME_CHARACTERS + i] = letters[randombytes_uniform(sizeof letters - 1)];
	ret[TIME_CHARACTERS + RANDOM_CHARACTERS] = '\0';
	return ret;
}

/* RFC 9562, version 4. */
const char *
identifier_uuid(char ret[static IDENTIFIER_BYTES])
{
	unsigned char b[UUID_BYTES];
	randombytes_buf(b, sizeof b);
	snprintf(ret, IDENTIFIER_BYTES, "%02x%02x%02x%02x-%02x%02x-4%x%02x-%x%x%02x-%02x%02x%02x%02x%02x%02x", b[0], b[1],
	         b[2], b[3], b[4], b[5], b[6] & 15u, b[7], 8u | (b[8] & 3u), b[8] >> 4, b[9], b[10], b[11], b[12], b[13],
	         b[14], b[15]);
	return ret;
}
