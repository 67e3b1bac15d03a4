#include "sandbox/kubernetes/protobuf.h"

#include <sodium.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/compiler.h"
#include "sandbox/kubernetes/tree.h"

enum { DEPTH_MAX = 16, BASE64_MAX = 2 << 20 };

enum type { TEXT, BYTES, BOOL, INTEGER, MESSAGE, TEXT_MAP, BYTES_MAP };

/* Fields by message, out of the generated.proto files of k8s.io/api; of a Deployment those that
 * `kubectl create deployment` fills. */
static const struct field {
	const char *message;
	uint64_t number;
	const char *name;
	enum type type;
	bool is_repeated;
	const char *of; /* MESSAGE */
} fields[] = {
	{"ConfigMap", 1, "metadata", MESSAGE, false, "ObjectMeta"},
	{"ConfigMap", 2, "data", TEXT_MAP, false, NULL},
	{"ConfigMap", 3, "binaryData", BYTES_MAP, false, NULL},
	{"ConfigMap", 4, "immutable", BOOL, false, NULL},
	{"Secret", 1, "metadata", MESSAGE, false, "ObjectMeta"},
	{"Secret", 2, "data", BYTES_MAP, false, NULL},
	{"Secret", 3, "type", TEXT, false, NULL},
	{"Secret", 4, "stringData", TEXT_MAP, false, NULL},
	{"Secret", 5, "immutable", BOOL, false, NULL},
	{"Namespace", 1, "metadata", MESSAGE, false, "ObjectMeta"},
	{"ServiceAccount", 1, "metadata", MESSAGE, false, "ObjectMeta"},
	{"Deployment", 1, "metadata", MESSAGE, false, "ObjectMeta"},
	{"Deployment", 2, "spec", MESSAGE, false, "DeploymentSpec"},
	{"DeploymentSpec", 1, "replicas", INTEGER, false, NULL},
	{"DeploymentSpec", 2, "selector", MESSAGE, false, "LabelSelector"},
	{"DeploymentSpec", 3, "template", MESSAGE, false, "PodTemplateSpec"},
	{"LabelSelector", 1, "matchLabels", TEXT_MAP, false, NULL},
	{"PodTemplateSpec", 1, "metadata", MESSAGE, false, "ObjectMeta"},
	{"PodTemplateSpec", 2, "spec", MESSAGE, false, "PodSpec"},
	{"PodSpec", 2, "containers", MESSAGE, true, "Container"},
	{"Container", 1, "name", TEXT, false, NULL},
	{"Container", 2, "image", TEXT, false, NULL},
	{"Container", 3, "command", TEXT, true, NULL},
	{"Container", 4, "args", TEXT, true, NULL},
	{"Container", 6, "ports", MESSAGE, true, "ContainerPort"},
	{"ContainerPort", 1, "name", TEXT, false, NULL},
	{"ContainerPort", 3, "containerPort", INTEGER, false, NULL},
	{"ContainerPort", 4, "protocol", TEXT, false, NULL},
	{"Eviction", 1, "metadata", MESSAGE, false, "ObjectMeta"},
	{"ObjectMeta", 1, "name", TEXT, false, NULL},
	{"ObjectMeta", 2, "generateName", TEXT, false, NULL},
	{"ObjectMeta", 3, "namespace", TEXT, false, NULL},
	{"ObjectMeta", 11, "labels", TEXT_MAP, false, NULL},
	{"ObjectMeta", 12, "annotations", TEXT_MAP, false, NULL},
	{"ObjectMeta", 14, "finalizers", TEXT, true, NULL},
	{"SelfSubjectAccessReview", 2, "spec", MESSAGE, false, "SelfSubjectAccessReviewSpec"},
	{"SelfSubjectAccessReviewSpec", 1, "resourceAttributes", MESSAGE, false, "ResourceAttributes"},
	{"SelfSubjectAccessReviewSpec", 2, "nonResourceAttributes", MESSAGE, false, "NonResourceAttributes"},
	{"ResourceAttributes", 1, "namespace", TEXT, false, NULL},
	{"ResourceAttributes", 2, "verb", TEXT, false, NULL},
	{"ResourceAttributes", 3, "group", TEXT, false, NULL},
	{"ResourceAttributes", 4, "version", TEXT, false, NULL},
	{"ResourceAttributes", 5, "resource", TEXT, false, NULL},
	{"ResourceAttributes", 6, "subresource", TEXT, false, NULL},
	{"ResourceAttributes", 7, "name", TEXT, false, NULL},
	{"NonResourceAttributes", 1, "path", TEXT, false, NULL},
	{"NonResourceAttributes", 2, "verb", TEXT, false, NULL},
	{"SelfSubjectRulesReview", 2, "spec", MESSAGE, false, "SelfSubjectRulesReviewSpec"},
	{"SelfSubjectRulesReviewSpec", 1, "namespace", TEXT, false, NULL},
	{"SelfSubjectReview", 1, "metadata", MESSAGE, false, "ObjectMeta"},
	{"TokenRequest", 2, "spec", MESSAGE, false, "TokenRequestSpec"},
	{"TokenRequestSpec", 1, "audiences", TEXT, true, NULL},
	{"TokenRequestSpec", 4, "expirationSeconds", INTEGER, false, NULL},
	{"DeleteOptions", 1, "gracePeriodSeconds", INTEGER, false, NULL},
	{"DeleteOptions", 2, "preconditions", MESSAGE, false, "Preconditions"},
	{"DeleteOptions", 4, "propagationPolicy", TEXT, false, NULL},
	{"DeleteOptions", 5, "dryRun", TEXT, true, NULL},
	{"Preconditions", 1, "uid", TEXT, false, NULL},
	{"Preconditions", 2, "resourceVersion", TEXT, false, NULL},
	/* The envelope (runtime.Unknown). */
	{"Unknown", 1, "typeMeta", MESSAGE, false, "TypeMeta"},
	{"TypeMeta", 1, "apiVersion", TEXT, false, NULL},
	{"TypeMeta", 2, "kind", TEXT, false, NULL},
	{"MapEntry", 1, "key", TEXT, false, NULL},
	{"MapEntry", 2, "value", TEXT, false, NULL},
	{"BytesEntry", 1, "key", TEXT, false, NULL},
	{"BytesEntry", 2, "value", BYTES, false, NULL},
};

/* ---- the wire ---- */

struct cursor {
	const unsigned char *at, *end;
};

enum wire { WIRE_VARINT = 0, WIRE_FIXED64 = 1, WIRE_BYTES = 2, WIRE_FIXED32 = 5 };

static bool
take_varint(struct cursor *cursor, uint64_t *ret)
{
	uint64_t value = 0;
	for (unsigned shift = 0; cursor->at < cursor->end && shift < 64; shift += 7) {
		unsigned char byte = *cursor->at++;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if ((byte & 0x80) == 0) {
			*ret = value;
			return true;
		}
	}
	return false;
}

/* One field: its number, and its value as a number or as bytes. */
static bool
take_field(struct cursor *cursor, uint64_t *ret_number, uint64_t *ret_value, struct cursor *ret_bytes)
{
	uint64_t tag;
	*ret_bytes = (struct cursor){cursor->at, cursor->at};
	if (!take_varint(cursor, &tag))
		return false;
	*ret_number = tag >> 3;
	if ((tag & 7) == WIRE_VARINT)
		return take_varint(cursor, ret_value);
	*ret_value = (tag & 7) == WIRE_FIXED64 ? 8 : (tag & 7) == WIRE_FIXED32 ? 4 : 0;
	if ((tag & 7) == WIRE_BYTES && !take_varint(cursor, ret_value))
		return false;
	if (*ret_value > (uint64_t)(cursor->end - cursor->at) || ((tag & 7) > WIRE_BYTES && *ret_value == 0))
		return false;
	*ret_bytes = (struct cursor){cursor->at, cursor->at + *ret_value};
	cursor->at += *ret_value;
	return true;
}

/* ---- messages ---- */

static const struct field *
find_field(const char *message, uint64_t number)
{
	for (size_t i = 0; i < array_length(fields); i++)
		if (fields[i].number == number && strcmp(fields[i].message, message) == 0)
			return &fields[i];
	return NULL;
}

static json_t *
base64_of(struct cursor bytes)
{
	size_t length = (size_t)(bytes.end - bytes.at);
	size_t size = sodium_base64_ENCODED_LEN(length, sodium_base64_VARIANT_ORIGINAL);
	if (size > BASE64_MAX)
		return NULL;
	char *text = calloc(1, size);
	if (text == NULL)
		abort();
	sodium_bin2base64(text, size, bytes.at, length, sodium_base64_VARIANT_ORIGINAL);
	json_t *value = json_string(text);
	free(text);
	return value;
}

static json_t *decode_message(const char *message, struct cursor cursor, int depth);

/* New reference; NULL when malformed. */
static json_t *
decode_value(const struct field *field, uint64_t number, struct cursor bytes, int depth)
{
	switch (field->type) {
	case TEXT: return json_stringn((const char *)bytes.at, (size_t)(bytes.end - bytes.at));
	case BYTES: return base64_of(bytes);
	case BOOL: return json_boolean(number != 0);
	case INTEGER: return json_integer((json_int_t)number);
	case MESSAGE: return decode_message(field->of, bytes, depth + 1);
	case TEXT_MAP: return decode_message("MapEntry", bytes, depth + 1);
	case BYTES_MAP: return decode_message("BytesEntry", bytes, depth + 1);
	}
	return NULL;
}

static void
put_value(json_t *object, const struct field *field, json_t *value)
{
	bool is_map = field->type == TEXT_MAP || field->type == BYTES_MAP;
	bool is_entry = strcmp(field->message, "MapEntry") == 0 || strcmp(field->message, "BytesEntry") == 0;
	if (field->type == TEXT && json_string_length(value) == 0 && !is_entry)
		return; /* absent, in these encoders' way */
	if (is_map) {
		tree_set_default(object, field->name, json_object());
		json_object_set(json_object_get(object, field->name), tree_text(value, "key"),
		                json_object_get(value, "value"));
	} else if (field->is_repeated) {
		tree_set_default(object, field->name, json_array());
		json_array_append(json_object_get(object, field->name), value);
	} else {
		json_object_set(object, field->name, value);
	}
}

/* New reference; fields not in the table are left out; NULL when malformed. */
static json_t *
decode_message(const char *message, struct cursor cursor, int depth)
{
	scoped(tree_release) json_t *object = json_object();
	uint64_t number, value;
	struct cursor bytes;
	if (depth > DEPTH_MAX)
		return NULL;
	while (cursor.at < cursor.end) {
		if (!take_field(&cursor, &number, &value, &bytes))
			return NULL;
		const struct field *field = find_field(message, number);
		if (field == NULL)
			continue;
		scoped(tree_release) json_t *decoded = decode_value(field, value, bytes, depth);
		if (decoded == NULL)
			return NULL;
		put_value(object, field, decoded);
	}
	return take(object);
}

/* ---- the envelope ---- */

static const char magic[4] = {'k', '8', 's', '\0'};

bool
protobuf_is(const void *bytes, size_t length)
{
	return length >= sizeof magic && memcmp(bytes, magic, sizeof magic) == 0;
}

static bool
is_in_table(const char *kind)
{
	for (size_t i = 0; i < array_length(fields); i++)
		if (strcmp(fields[i].message, kind) == 0)
			return true;
	return false;
}

json_t *
protobuf_decode(const void *bytes, size_t length)
{
	enum { RAW = 2 };
	uint64_t number, value;
	struct cursor field, raw = {0};
	if (!protobuf_is(bytes, length))
		return NULL;
	struct cursor all = {(const unsigned char *)bytes + sizeof magic,
	                     (const unsigned char *)bytes + length};
	scoped(tree_release) json_t *envelope = decode_message("Unknown", all, 0);
	const char *kind = tree_text(envelope, "typeMeta.kind");
	while (envelope != NULL && all.at < all.end && take_field(&all, &number, &value, &field))
		if (number == RAW)
			raw = field;
	if (!is_in_table(kind))
		return NULL;
	json_t *object = decode_message(kind, raw, 0);
	if (object == NULL)
		return NULL;
	json_object_set(object, "kind", tree_get(envelope, "typeMeta.kind"));
	json_object_set(object, "apiVersion", tree_get(envelope, "typeMeta.apiVersion"));
	return object;
}
