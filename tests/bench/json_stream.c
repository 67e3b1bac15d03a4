/* Feeds a document to the JSON stream as a socket would, so that callgrind counts what parsing
 * costs; prints how many records were told.
 *
 *	json_stream table|pods FILE
 *	json_stream pods -             of documents one after the other on standard input
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "data/json_stream.h"

enum { PIECE = 16 * 1024, CELLS = 9 }; /* curl hands on as much at once */

struct pod {
	const char *name, *phase;
	int64_t restarts;
};
struct line {
	const char *cells[CELLS];
};

static bool
count(void *data, const void *record, struct error *err)
{
	(void)record;
	(void)err;
	++*(unsigned long *)data;
	return true;
}

#define CELL(n) {"cells[" #n "]", JSON_FIELD_SCALAR, offsetof(struct line, cells) + (n) * sizeof(const char *)}
static const struct json_field line_fields[] = {
	CELL(0), CELL(1), CELL(2), CELL(3), CELL(4), CELL(5), CELL(6), CELL(7), CELL(8),
};
static const struct json_field pod_fields[] = {
	{"metadata.name", JSON_FIELD_TEXT, offsetof(struct pod, name)},
	{"status.phase", JSON_FIELD_TEXT, offsetof(struct pod, phase)},
	{"status.containerStatuses[0].restartCount", JSON_FIELD_INT, offsetof(struct pod, restarts)},
};
static const struct json_record of_table = {"rows[]", line_fields, array_length(line_fields), sizeof(struct line), count, NULL};
static const struct json_record of_pods = {"items[]", pod_fields, array_length(pod_fields), sizeof(struct pod), count, NULL};

static int
scan_input(void)
{
	static char bytes[256 * 1024];
	struct error err;
	unsigned long told = 0;
	ssize_t length;
	scoped(json_stream_free) struct json_stream *stream = json_stream_new(&of_pods, 1, "it", &told);
	json_stream_expect_more(stream);
	while ((length = read(STDIN_FILENO, bytes, sizeof bytes)) > 0)
		if (!json_stream_feed(stream, bytes, (size_t)length, &err))
			return 1;
	printf("%lu\n", told);
	return length == 0 && json_stream_end(stream, &err) ? 0 : 1;
}

int
main(int argc, char **argv)
{
	struct error err;
	struct stat status;
	unsigned long told = 0;
	if (argc != 3)
		return 2;
	if (strcmp(argv[2], "-") == 0)
		return scan_input();
	int fd = open(argv[2], O_RDONLY);
	if (fd < 0 || fstat(fd, &status) != 0)
		return 2;
	size_t length = (size_t)status.st_size;
	const char *bytes = mmap(NULL, length, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return 2;
	scoped(json_stream_free) struct json_stream *stream =
		json_stream_new(strcmp(argv[1], "table") == 0 ? &of_table : &of_pods, 1, "it", &told);
	for (size_t at = 0; at < length; at += PIECE)
		if (!json_stream_feed(stream, bytes + at, length - at < PIECE ? length - at : PIECE, &err))
			return 1;
	if (!json_stream_end(stream, &err))
		return 1;
	printf("%lu\n", told);
	return 0;
}
