#include "core/fiaas/status_name.h"

/* Objects/stringobject.c: string_hash of Python 2.7. */
int64_t
fiaas_python_hash(const char *text)
{
	if (!*text)
		return 0;
	uint64_t hash = (uint64_t)(unsigned char)text[0] << 7;
	uint64_t length = 0;
	for (; text[length]; length++)
		hash = (1000003 * hash) ^ (unsigned char)text[length];
	hash ^= length;
	return hash == UINT64_MAX ? -2 : (int64_t)hash;
}

void
fiaas_status_suffix(const char *deployment_id, char ret[static FIAAS_STATUS_SUFFIX_LENGTH + 1])
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz234567";
	uint64_t hash = (uint64_t)fiaas_python_hash(deployment_id);
	unsigned bits = 0, n_bits = 0, place = 0;
	for (int byte = 0; byte < 8; byte++) {
		bits = (bits << 8 | (unsigned)(hash >> (8 * byte) & 0xff)) & 0xffff;
		for (n_bits += 8; n_bits >= 5; n_bits -= 5)
			ret[place++] = alphabet[bits >> (n_bits - 5) & 31];
	}
	ret[place++] = alphabet[bits << (5 - n_bits) & 31];
	ret[place] = '\0';
}

char *
fiaas_status_name(struct arena *arena, const char *application, const char *deployment_id)
{
	char suffix[FIAAS_STATUS_SUFFIX_LENGTH + 1];
	fiaas_status_suffix(deployment_id, suffix);
	return arena_printf(arena, "%s-%s", application, suffix);
}
