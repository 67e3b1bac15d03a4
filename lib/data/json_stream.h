/* JSON as it arrives, mapped to structs: memory does not grow with the document.
 *
 *	struct pod { const char *name; int64_t restarts; };
 *	static const struct json_field pod_fields[] = {
 *		{"metadata.name", JSON_FIELD_TEXT, offsetof(struct pod, name)},
 *		{"status.containerStatuses[0].restartCount", JSON_FIELD_INT, offsetof(struct pod, restarts)},
 *	};
 *	static const struct json_record records[] = {
 *		{"items[]", pod_fields, array_length(pod_fields), sizeof(struct pod), add_pod},
 *	};
 *	scoped(json_stream_free) struct json_stream *stream = json_stream_new(records, 1, "the list", &pods);
 *	while (…)
 *		if (!json_stream_feed(stream, bytes, length, err))   cut anywhere
 *			return false;
 *	return json_stream_end(stream, err);
 *
 * A path names keys, with `[]` for every element of an array and `[2]` for one; a '.' or '[' that
 * belongs to a key is written `\.` or `\[`.  A record is an object or array at its path; the paths
 * of its fields begin there, "" is the document.  Records within records are told before the outer
 * one.  What is absent, null or of another type leaves its field zero; of a key given twice the
 * last value of the right type counts.
 *
 * All of the document is validated (RFC 8259, UTF-8), wanted or not, one value and nothing after
 * it.  Limits: 2048 levels, 64 KiB a wanted text or a key beside one, 512 bytes a number, 8 MiB a piece.  How long
 * the document may be is the caller's to say.
 */
#ifndef PAAS_DATA_JSON_STREAM_H
#define PAAS_DATA_JSON_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/compiler.h"
#include "base/error.h"

enum json_field_type {
	JSON_FIELD_TEXT,   /* const char *; strings */
	JSON_FIELD_SCALAR, /* const char *; strings, and numbers and booleans as they are written */
	JSON_FIELD_INT,    /* int64_t; integers in range */
	JSON_FIELD_BOOL,   /* bool */
};

struct json_field {
	const char *path; /* never empty */
	enum json_field_type type;
	size_t offset; /* in the struct of its record */
};

/* A record as it is written, validated, for whoever wants all of it; NUL-terminated.  None within
 * another. */
struct json_piece {
	const char *bytes;
	size_t length;
};

struct json_record {
	const char *path;
	const struct json_field *fields;
	size_t n_fields;
	size_t size; /* of the struct; 0: the record is a struct json_piece, and has no fields */
	/* Texts of `record` are gone when it returns.  False, with *err set, ends the stream. */
	bool (*told)(void *data, const void *record, struct error *err);
	void *data; /* NULL: that of the stream */
};

struct json_stream;

/* `records` outlive the stream; `what` names the document in messages ("the list of pods"). */
struct json_stream *json_stream_new(const struct json_record *records, size_t n_records, const char *what,
                                    void *data) __attribute__((returns_nonnull));
/* Called at once: documents come one after the other, with white space between them or without, as a
 * watch sends them; the records of each are told as it ends. */
void json_stream_expect_more(struct json_stream *stream);
/* Fails: ERROR_BAD_ANSWER with the place, or as `told`.  After a failure only free it. */
bool json_stream_feed(struct json_stream *stream, const char *bytes, size_t length, struct error *err) must_use;
/* Nothing comes any more.  Fails: ERROR_BAD_ANSWER when a document is not complete. */
bool json_stream_end(struct json_stream *stream, struct error *err) must_use;
/* For scoped(). */
void json_stream_free(struct json_stream **stream);

#endif
