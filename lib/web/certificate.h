/* A certificate authority of one's own, a certificate for this machine and one for a person, made in milliseconds.
 * For loopback servers only: keys are as safe as the memory and files they are put in. */
#ifndef PAAS_WEB_CERTIFICATE_H
#define PAAS_WEB_CERTIFICATE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/error.h"

/* Whom the client's certificate names. */
#define CERTIFICATE_PERSON "ada@sandbox.example"

/* PEM texts.  EC P-256, valid from an hour ago for ten years. */
struct certificate {
	const char *ca_pem;      /* what clients trust */
	const char *server_pem;  /* localhost, 127.0.0.1 and ::1, signed by the CA */
	const char *key_pem;     /* the server's */
	const char *client_pem;  /* CERTIFICATE_PERSON, signed by the CA */
	const char *client_key_pem;
};

/* `common_name` names the CA: "paas sandbox".  The CA's key is forgotten at once. */
bool certificate_make(const char *common_name, struct arena *arena, struct certificate *ret,
                      struct error *err) must_use;

#endif
