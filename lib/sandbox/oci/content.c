#include "sandbox/oci/content.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

static void *
must_have(void *memory)
{
	if (memory == NULL)
		abort();
	return memory;
}

void
content_digest(const void *bytes, size_t length, char ret[static DIGEST_BYTES])
{
	unsigned char hash[crypto_hash_sha256_BYTES];
	crypto_hash_sha256(hash, bytes, length);
	static const char algorithm[] = "sha256:";
	memcpy(ret, algorithm, sizeof algorithm);
	sodium_bin2hex(ret + sizeof algorithm - 1, DIGEST_BYTES - (sizeof algorithm - 1), hash, sizeof hash);
}

static void
entry_release(struct content_entry *entry)
{
	free(entry->repository);
	free(entry->media_type);
	free(entry->bytes);
	free(entry);
}

static void
tag_release(struct content_tag *tag)
{
	free(tag->repository);
	free(tag->name);
}

void
content_release(struct content *content)
{
	for (size_t i = 0; i < content->n_entries; i++)
		entry_release(content->entries[i]);
	for (size_t i = 0; i < content->n_tags; i++)
		tag_release(&content->tags[i]);
	free(content->entries);
	free(content->tags);
	*content = (struct content){0};
}

static struct content_entry *
find_entry(const struct content *content, const char *repository, const char *digest, bool is_manifest)
{
	for (size_t i = 0; i < content->n_entries; i++) {
		struct content_entry *entry = content->entries[i];
		if ((entry->media_type != NULL) == is_manifest && strcmp(entry->digest, digest) == 0 &&
		    strcmp(entry->repository, repository) == 0)
			return entry;
	}
	return NULL;
}

const char *
content_put(struct content *content, const char *repository, const char *media_type,
            const void *bytes, size_t length)
{
	char digest[DIGEST_BYTES];
	content_digest(bytes, length, digest);
	struct content_entry *same = find_entry(content, repository, digest, media_type != NULL);
	if (same != NULL)
		return same->digest;
	content->entries = must_have(
		realloc(content->entries, (content->n_entries + 1) * sizeof *content->entries));
	struct content_entry *entry = must_have(malloc(sizeof *entry));
	content->entries[content->n_entries++] = entry;
	*entry = (struct content_entry){
		.repository = must_have(strdup(repository)),
		.media_type = media_type == NULL ? NULL : must_have(strdup(media_type)),
		.bytes = must_have(malloc(length + 1)),
		.length = length,
	};
	memcpy(entry->digest, digest, sizeof digest);
	memcpy(entry->bytes, bytes, length);
	entry->bytes[length] = '\0';
	return entry->digest;
}

/* < 0, 0, > 0 as `tag` stands before, at or after (repository, name). */
static int
tag_order(const struct content_tag *tag, const char *repository, const char *name)
{
	int order = strcmp(tag->repository, repository);
	return order != 0 ? order : strcmp(tag->name, name);
}

void
content_tag(struct content *content, const char *repository, const char *name, const char *digest)
{
	size_t place = 0;
	while (place < content->n_tags && tag_order(&content->tags[place], repository, name) < 0)
		place++;
	if (place == content->n_tags || tag_order(&content->tags[place], repository, name) != 0) {
		content->tags = must_have(realloc(content->tags, (content->n_tags + 1) * sizeof *content->tags));
		memmove(content->tags + place + 1, content->tags + place,
		        (content->n_tags++ - place) * sizeof *content->tags);
		content->tags[place] = (struct content_tag){.repository = must_have(strdup(repository)),
		                                            .name = must_have(strdup(name))};
	}
	strncpy(content->tags[place].digest, digest, DIGEST_BYTES - 1);
}

const struct content_entry *
content_find_manifest(const struct content *content, const char *repository, const char *reference)
{
	for (size_t i = 0; i < content->n_tags; i++)
		if (tag_order(&content->tags[i], repository, reference) == 0)
			reference = content->tags[i].digest;
	return find_entry(content, repository, reference, true);
}

const struct content_entry *
content_find_blob(const struct content *content, const char *repository, const char *digest)
{
	return find_entry(content, repository, digest, false);
}

bool
content_has_repository(const struct content *content, const char *repository)
{
	for (size_t i = 0; i < content->n_entries; i++)
		if (strcmp(content->entries[i]->repository, repository) == 0)
			return true;
	return false;
}

static void
forget_tags(struct content *content, const char *repository, const char *digest)
{
	size_t kept = 0;
	for (size_t i = 0; i < content->n_tags; i++) {
		struct content_tag *tag = &content->tags[i];
		if (strcmp(tag->repository, repository) == 0 && strcmp(tag->digest, digest) == 0)
			tag_release(tag);
		else
			content->tags[kept++] = *tag;
	}
	content->n_tags = kept;
}

bool
content_delete_manifest(struct content *content, const char *repository, const char *digest)
{
	const struct content_entry *entry = find_entry(content, repository, digest, true);
	if (entry == NULL)
		return false;
	forget_tags(content, repository, digest);
	size_t place = 0;
	while (content->entries[place] != entry)
		place++;
	entry_release(content->entries[place]);
	content->entries[place] = content->entries[--content->n_entries];
	return true;
}

json_t *
content_snapshot(const struct content *content)
{
	json_t *entries = json_array(), *tags = json_array();
	for (size_t i = 0; i < content->n_entries; i++) {
		const struct content_entry *entry = content->entries[i];
		size_t size = sodium_base64_ENCODED_LEN(entry->length, sodium_base64_VARIANT_ORIGINAL);
		char *text = must_have(malloc(size));
		sodium_bin2base64(text, size, (unsigned char *)entry->bytes, entry->length,
		                  sodium_base64_VARIANT_ORIGINAL);
		json_array_append_new(entries, json_pack("{s:s, s:s?, s:s}", "repository", entry->repository,
		                                         "media_type", entry->media_type, "bytes", text));
		free(text);
	}
	for (size_t i = 0; i < content->n_tags; i++)
		json_array_append_new(tags, json_pack("{s:s, s:s, s:s}", "repository", content->tags[i].repository,
		                                      "name", content->tags[i].name, "digest",
		                                      content->tags[i].digest));
	return json_pack("{s:o, s:o}", "entries", entries, "tags", tags);
}

static const char *
text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static bool
restore_entry(struct content *content, const json_t *entry)
{
	const char *repository = text_of(entry, "repository"), *text = text_of(entry, "bytes");
	size_t length;
	if (repository == NULL || text == NULL)
		return false;
	unsigned char *bytes = must_have(malloc(strlen(text) + 1));
	bool is_base64 = sodium_base642bin(bytes, strlen(text) + 1, text, strlen(text), NULL, &length, NULL,
	                                   sodium_base64_VARIANT_ORIGINAL) == 0;
	if (is_base64)
		content_put(content, repository, text_of(entry, "media_type"), bytes, length);
	free(bytes);
	return is_base64;
}

static bool
restore_tag(struct content *content, const json_t *tag)
{
	const char *repository = text_of(tag, "repository"), *name = text_of(tag, "name"),
	           *digest = text_of(tag, "digest");
	if (repository == NULL || name == NULL || digest == NULL)
		return false;
	content_tag(content, repository, name, digest);
	return true;
}

bool
content_restore(struct content *content, const json_t *snapshot)
{
	struct content fresh = {0};
	const json_t *item;
	size_t i;
	bool is_good = json_is_array(json_object_get(snapshot, "entries"));
	json_array_foreach (json_object_get(snapshot, "entries"), i, item)
		is_good = is_good && restore_entry(&fresh, item);
	json_array_foreach (json_object_get(snapshot, "tags"), i, item)
		is_good = is_good && restore_tag(&fresh, item);
	if (!is_good) {
		content_release(&fresh);
		return false;
	}
	content_release(content);
	*content = fresh;
	return true;
}
