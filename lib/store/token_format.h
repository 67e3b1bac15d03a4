/* The fields of a token store file, as paas-tokens(5) tells them; integers are big-endian.  token_file.c and token_slot.c
 * are what reads and writes them. */
#ifndef PAAS_STORE_TOKEN_FORMAT_H
#define PAAS_STORE_TOKEN_FORMAT_H

struct token_field {
	const char *place;   /* "12, 16 bytes" */
	const char *meaning; /* one sentence */
};
extern const struct token_field token_file_fields[]; /* ends with a NULL place */
extern const struct token_field token_slot_fields[]; /* of one key slot */

#endif
