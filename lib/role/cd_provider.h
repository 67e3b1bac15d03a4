/* What an adapter of a tool with pipelines fills in; for role/cd*.c only.  Each is the function of role/cd.h of the same name. */
#ifndef PAAS_ROLE_CD_PROVIDER_H
#define PAAS_ROLE_CD_PROVIDER_H

#include "role/cd.h"

struct http_endpoint;
struct system;

struct cd_provider {
	void *(*open)(struct http *http, const struct http_endpoint *endpoint, const struct system *system, const char *web,
	              struct arena *arena);
	void (*close)(void *tool);
	bool (*find_pipeline)(void *tool, const char *application, const char *name, struct arena *arena, struct cd_pipeline *ret,
	                      struct error *err);
	bool (*check_pipeline)(const struct cd_pipeline *pipeline, const json_t *parameters, struct error *err);
	bool (*reads_parameter)(const struct cd_pipeline *pipeline, const char *name, struct arena *arena);
	bool (*looks_like_run)(const char *text);
	bool (*start)(void *tool, const struct cd_pipeline *pipeline, const json_t *parameters, const char *correlation_id,
	              struct arena *arena, const char **ret_id, struct error *err);
	bool (*read)(void *tool, const char *id, struct arena *arena, struct cd_run *ret, struct error *err);
	bool (*list)(void *tool, const struct cd_query *query, struct arena *arena, struct cd_run **ret, size_t *ret_count,
	             struct error *err);
	bool (*find_cause)(void *tool, const struct cd_run *run, struct arena *arena, struct cd_cause *ret);
	bool (*judge)(void *tool, const struct cd_run *run, const struct cd_step *step, const struct cd_judgment *judgment,
	              struct arena *arena, bool *ret_approved, const char **ret_user, struct error *err);
	bool (*cancel)(void *tool, const char *id, const char *reason, struct arena *arena, enum cd_state *ret, struct error *err);
};

extern const struct cd_provider cd_spinnaker;

#endif
