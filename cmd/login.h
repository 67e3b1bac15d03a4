/* What login.c and login_system.c share. */
#ifndef PAAS_CMD_LOGIN_H
#define PAAS_CMD_LOGIN_H

#include "cmd/command.h"

struct login_words {
	const char *system;  /* NULL: the company's sign-on */
	const char *file;    /* of the token; "-": standard input; NULL: asked for */
	const char *account; /* NULL: none, or asked for */
	const char *certificate, *key; /* files; key NULL: in that of the certificate */
	bool device, no_browser;
};

/* Fails where nobody would read a code: ERROR_NOT_LOGGED_IN, with what to set instead. */
bool login_check_person(const struct session *session, const struct login_words *said, struct error *err) must_use;

/* Fails where nothing could be kept, as token_store_prepare. */
bool login_check_store(struct error *err) must_use;

/* The credential of one system: read, tried, kept. */
bool login_to_system(struct session *session, const struct login_words *words, struct error *err) must_use;

#endif
