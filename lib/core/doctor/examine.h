/* The examinations, for doctor.c: each runs in a fiber of its own and adds its rows. */
#ifndef PAAS_CORE_DOCTOR_EXAMINE_H
#define PAAS_CORE_DOCTOR_EXAMINE_H

#include "core/doctor/doctor.h"

struct http_peer;
struct platform_cluster;
struct platform_role;

/* `cluster` NULL: the current kubeconfig context. */
void examine_cluster(const struct doctor_scope *scope, const struct platform_cluster *cluster,
                     struct doctor_report *report);
void examine_registry(const struct doctor_scope *scope, const struct platform_role *artifacts,
                      struct doctor_report *report);

/* The sign-on, the token store and what is in it; without asking for a passphrase. */
void examine_tokens(const struct doctor_scope *scope, struct doctor_report *report);

/* Rows dns, connect, tls of a connection that was tried; `failure` when it did not come to an answer. */
void examine_connection(const struct http_peer *peer, const struct error *failure, const char *subject,
                        struct doctor_report *report);

#endif
