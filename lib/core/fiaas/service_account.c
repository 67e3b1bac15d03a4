#include "core/fiaas/python.h"
#include "core/fiaas/rendering.h"

bool
render_service_account(struct rendering *rendering, json_t *objects)
{
	const char *name = rendering->application->name;
	const json_t *pull_secrets = rendering->state->default_image_pull_secrets;
	if (!rendering->options->enable_service_account_per_app)
		return true;
	json_t *account =
		json_pack("{s:s, s:s, s:o}", "apiVersion", "v1", "kind", "ServiceAccount", "metadata",
	                  rendering_metadata(rendering, FIAAS_OBJECT_SERVICE_ACCOUNT, name,
	                                     rendering_annotations(rendering, FIAAS_OBJECT_SERVICE_ACCOUNT)));
	if (account != NULL && json_array_size(pull_secrets) > 0)
		json_object_set_new(account, "imagePullSecrets", json_deep_copy(pull_secrets));
	return rendering_append(objects, account);
}

/* New ones get their name from the API server: generateName instead of name. */
static json_t *
build_role_binding(const struct rendering *rendering, const char *kind, const char *role)
{
	const struct fiaas_application *application = rendering->application;
	json_t *metadata = rendering_metadata(rendering, FIAAS_OBJECT_ROLE_BINDING, application->name,
	                                      rendering_annotations(rendering, FIAAS_OBJECT_ROLE_BINDING));
	json_object_del(metadata, "name");
	json_object_set_new(metadata, "generateName",
	                    json_string(arena_printf(rendering->arena, "%s-", application->name)));
	return json_pack("{s:s, s:s, s:o, s:{s:s, s:s, s:s}, s:[{s:s, s:s, s:s}]}", "apiVersion",
	                 "rbac.authorization.k8s.io/v1", "kind", "RoleBinding", "metadata", metadata,
	                 "roleRef", "apiGroup", "rbac.authorization.k8s.io", "kind", kind, "name", role,
	                 "subjects", "kind", "ServiceAccount", "name", application->name, "namespace",
	                 application->namespace);
}

static bool
bind_each(const struct rendering *rendering, const struct fiaas_list *roles, const char *kind,
          json_t *objects)
{
	for (size_t i = 0; i < roles->count; i++)
		if (!rendering_append(objects, build_role_binding(rendering, kind, roles->items[i])))
			return false;
	return true;
}

bool
render_role_bindings(struct rendering *rendering, json_t *objects)
{
	const struct fiaas_options *options = rendering->options;
	return !options->enable_service_account_per_app ||
	       (bind_each(rendering, &options->list_of_roles, "Role", objects) &&
	        bind_each(rendering, &options->list_of_cluster_roles, "ClusterRole", objects));
}
