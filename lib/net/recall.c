#include "net/recall.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { TAG_MAX = 256 };

/* What of the headers callers look at when an answer is a good one. */
static const char *const kept_headers[] = {"etag", "link", "content-type"};

struct entry {
	unsigned char key[RECALL_KEY_BYTES];
	uint64_t used;   /* when: a count of uses; 0 = the entry is free */
	struct arena arena;
	struct http_response answer; /* in `arena` */
	size_t bytes;
};

struct recall {
	struct entry entries[RECALL_ENTRIES];
	uint64_t n_uses;
	size_t bytes;
};

struct recall *
recall_new(void)
{
	struct recall *recall = calloc(1, sizeof *recall);
	if (recall == NULL)
		abort();
	return recall;
}

static void
forget(struct recall *recall, struct entry *entry)
{
	recall->bytes -= entry->bytes;
	arena_release(&entry->arena);
	*entry = (struct entry){0};
}

void
recall_free(struct recall *recall)
{
	if (recall == NULL)
		return;
	for (size_t i = 0; i < RECALL_ENTRIES; i++)
		forget(recall, &recall->entries[i]);
	free(recall);
}

/* ---- what it belongs to ---- */

/* With its end, so that "a" "bc" is not "ab" "c". */
static void
add_text(crypto_generichash_state *state, const char *text)
{
	if (text == NULL)
		text = "";
	crypto_generichash_update(state, (const unsigned char *)text, strlen(text) + 1);
}

static void
add_secret(crypto_generichash_state *state, const struct secret *secret)
{
	add_text(state, secret != NULL ? secret_reveal(secret) : NULL);
}

static void
add_endpoint(crypto_generichash_state *state, const struct http_endpoint *endpoint)
{
	add_secret(state, endpoint->bearer);
	add_text(state, endpoint->username);
	add_secret(state, endpoint->password);
	add_text(state, endpoint->client_certificate_pem);
	for (size_t i = 0; i < endpoint->n_secret_headers; i++) {
		add_text(state, endpoint->secret_headers[i].name);
		add_secret(state, endpoint->secret_headers[i].value);
	}
}

void
recall_key(const struct http_request *request, unsigned char ret[static RECALL_KEY_BYTES])
{
	crypto_generichash_state state;
	crypto_generichash_init(&state, NULL, 0, RECALL_KEY_BYTES);
	add_text(&state, request->url);
	for (size_t i = 0; i < request->n_headers; i++) {
		add_text(&state, request->headers[i].name);
		add_text(&state, request->headers[i].value);
	}
	if (request->endpoint != NULL)
		add_endpoint(&state, request->endpoint);
	crypto_generichash_final(&state, ret, RECALL_KEY_BYTES);
	sodium_memzero(&state, sizeof state);
}

/* ---- looking ---- */

static struct entry *
find(struct recall *recall, const unsigned char *key)
{
	for (size_t i = 0; i < RECALL_ENTRIES; i++)
		if (recall->entries[i].used > 0 && memcmp(recall->entries[i].key, key, RECALL_KEY_BYTES) == 0)
			return &recall->entries[i];
	return NULL;
}

const char *
recall_tag(struct recall *recall, const unsigned char key[static RECALL_KEY_BYTES], struct arena *arena)
{
	struct entry *entry = find(recall, key);
	if (entry == NULL)
		return NULL;
	entry->used = ++recall->n_uses;
	return arena_strdup(arena, http_header_value(&entry->answer, "etag"));
}

static size_t
copy(const struct http_response *answer, struct arena *arena, struct http_response *ret)
{
	struct http_header *headers = arena_array(arena, struct http_header, array_length(kept_headers));
	size_t bytes = answer->length;
	*ret = (struct http_response){.status = answer->status, .url = ret->url, .headers = headers, .length = answer->length,
	                              .body = arena_strndup(arena, answer->body, answer->length)};
	for (size_t i = 0; i < array_length(kept_headers); i++) {
		const char *value = http_header_value(answer, kept_headers[i]);
		if (value == NULL)
			continue;
		headers[ret->n_headers++] = (struct http_header){kept_headers[i], arena_strdup(arena, value)};
		bytes += strlen(value);
	}
	return bytes;
}

bool
recall_answer(struct recall *recall, const unsigned char key[static RECALL_KEY_BYTES], struct arena *arena,
              struct http_response *ret)
{
	const struct entry *entry = find(recall, key);
	if (entry == NULL)
		return false;
	copy(&entry->answer, arena, ret);
	return true;
}

/* ---- keeping ---- */

static bool
is_worth_keeping(const struct http_response *answer)
{
	const char *tag = http_header_value(answer, "etag"), *control = http_header_value(answer, "cache-control");
	return answer->status == 200 && tag != NULL && tag[0] != '\0' && strlen(tag) <= TAG_MAX &&
	       answer->length <= RECALL_BODY_MAX && (control == NULL || strcasestr(control, "no-store") == NULL);
}

/* A free one, or the one that was of no use for longest. */
static struct entry *
oldest(struct recall *recall)
{
	struct entry *found = &recall->entries[0];
	for (size_t i = 1; i < RECALL_ENTRIES; i++)
		if (recall->entries[i].used < found->used)
			found = &recall->entries[i];
	return found;
}

static struct entry *
oldest_kept(struct recall *recall)
{
	struct entry *found = NULL;
	for (size_t i = 0; i < RECALL_ENTRIES; i++)
		if (recall->entries[i].used > 0 && (found == NULL || recall->entries[i].used < found->used))
			found = &recall->entries[i];
	return found;
}

void
recall_keep(struct recall *recall, const unsigned char key[static RECALL_KEY_BYTES], const struct http_response *answer)
{
	struct entry *entry = find(recall, key);
	if (entry != NULL)
		forget(recall, entry);
	if (!is_worth_keeping(answer))
		return;
	entry = oldest(recall);
	forget(recall, entry);
	memcpy(entry->key, key, RECALL_KEY_BYTES);
	entry->bytes = copy(answer, &entry->arena, &entry->answer);
	entry->used = ++recall->n_uses;
	recall->bytes += entry->bytes;
	while (recall->bytes > RECALL_BYTES)
		forget(recall, oldest_kept(recall));
}
