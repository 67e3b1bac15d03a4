/* Answers prepared bytes on loopback, over HTTP or, with a certificate, TLS; prints its port.
 *
 *	prepared_server LIST [CERTIFICATE KEY]
 *
 * LIST has a line an answer: STATUS TARGET FILE.  In C, so that the clients are measured and not it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/loop.h"
#include "web/server.h"

enum { ANSWERS_MAX = 100, FILE_MAX = 16 * 1024 * 1024 };

struct answer {
	unsigned status;
	char target[1024];
	char *body;
	size_t length;
};

struct answers {
	struct answer all[ANSWERS_MAX];
	size_t n;
};

static void
handle(void *data, struct web_request *request)
{
	const struct answers *answers = data;
	for (const struct answer *answer = answers->all; answer < answers->all + answers->n; answer++)
		if (strcmp(answer->target, request->target) == 0) {
			web_add_header(request, "Content-Type", "application/json");
			web_respond(request, answer->status, answer->body, answer->length);
			return;
		}
	web_respond(request, 599, "", 0);
}

static bool
read_answers(const char *list, struct arena *arena, struct answers *answers, struct error *err)
{
	char file[1024];
	scoped(file_close) FILE *lines = fopen(list, "r");
	if (lines == NULL)
		return error_set(err, ERROR_FAILED, "cannot read %s", list);
	for (; answers->n < ANSWERS_MAX; answers->n++) {
		struct answer *answer = &answers->all[answers->n];
		if (fscanf(lines, "%u %1023s %1023s", &answer->status, answer->target, file) != 3)
			return true;
		if (!file_read(file, FILE_MAX, arena, &answer->body, &answer->length, err))
			return false;
	}
	return error_set(err, ERROR_FAILED, "%s has too many answers", list);
}

static bool
serve(char **arguments, struct arena *arena, struct error *err)
{
	static struct answers answers;
	struct loop *loop;
	struct web_server *server;
	char *certificate = NULL, *key = NULL;
	size_t length;
	if (arguments[2] != NULL && (!file_read(arguments[2], FILE_MAX, arena, &certificate, &length, err) ||
	                             !file_read(arguments[3], FILE_MAX, arena, &key, &length, err)))
		return false;
	struct web_server_options options = {
		.certificate_pem = certificate, .key_pem = key, .handle = handle, .data = &answers};
	if (!read_answers(arguments[1], arena, &answers, err) || !loop_open(&loop, err))
		return false;
	options.loop = loop;
	if (!web_server_open(&options, &server, err))
		return false;
	printf("%d\n", web_server_port(server));
	fflush(stdout);
	loop_run(loop);
	return true;
}

int
main(int argc, char **argv)
{
	struct error err;
	scoped(arena_release) struct arena arena = {0};
	if (argc != 2 && argc != 4)
		return 2;
	if (serve(argv, &arena, &err))
		return 0;
	fprintf(stderr, "prepared_server: %s\n", err.why);
	return 1;
}
