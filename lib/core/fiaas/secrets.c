#include <string.h>

#include "base/buf.h"
#include "core/fiaas/pod.h"
#include "core/fiaas/python.h"

#define INIT_CONTAINER "fiaas-secrets-init-container"
#define INIT_CONFIG INIT_CONTAINER "-config"
#define SECRETS_PATH "/var/run/secrets/fiaas/"

enum { GROUPS_MAX = 1 << 16 };

/* ---- which ---- */

static const char *
find_image(const struct fiaas_options *options, const char *type)
{
	const struct fiaas_pairs *pairs = &options->secret_init_containers;
	for (size_t i = 0; i < pairs->count; i++)
		if (strcmp(pairs->items[i].key, type) == 0)
			return pairs->items[i].value;
	if (strcmp(type, "strongbox") == 0)
		return options->strongbox_init_container_image;
	return strcmp(type, "default") == 0 ? options->secrets_init_container_image : NULL;
}

/* Whether type default is known by secrets-init-container-image. */
static bool
has_default_image(const struct fiaas_options *options)
{
	const struct fiaas_pairs *pairs = &options->secret_init_containers;
	for (size_t i = 0; i < pairs->count; i++)
		if (strcmp(pairs->items[i].key, "default") == 0)
			return false;
	return options->secrets_init_container_image != NULL;
}

/* ",".join(groups): the items of a list, the characters of a text, the keys of a map. */
static bool
join_groups(struct rendering *rendering, const json_t *groups, struct buf *out)
{
	const char *key;
	json_t *value;
	for (size_t i = 0; i < json_array_size(groups); i++) {
		const json_t *item = json_array_get(groups, i);
		if (!json_is_string(item)) {
			rendering_fail(rendering, "sequence item %zu: expected str instance, %s found", i,
			               python_type_name(item));
			return false;
		}
		buf_printf(out, "%s%s", i == 0 ? "" : ",", json_string_value(item));
	}
	if (json_is_string(groups))
		for (const char *at = json_string_value(groups); *at != '\0'; at++) {
			if (out->length > 0 && ((unsigned char)*at & 0xC0) != 0x80)
				buf_add_char(out, ',');
			buf_add_char(out, *at);
		}
	json_object_foreach (json_borrow(groups), key, value)
		buf_printf(out, "%s%s", out->length == 0 ? "" : ",", key);
	if (!json_is_array(groups) && !json_is_string(groups) && !json_is_object(groups))
		rendering_fail(rendering, "can only join an iterable");
	return !rendering->failed;
}

/* The strongbox entry, as if it had been written under extensions.secrets. */
static bool
plan_strongbox(struct rendering *rendering, struct pod_secrets *ret)
{
	const struct fiaas_spec *spec = rendering->spec;
	scoped(buf_release) struct buf groups = BUF_INIT(GROUPS_MAX);
	if (!join_groups(rendering, spec->strongbox_groups, &groups))
		return false;
	json_t *entry = json_pack("{s:{s:O, s:s%}, s:{s:O}}", "parameters", "AWS_REGION",
	                          spec->strongbox_aws_region, "SECRET_GROUPS", groups.bytes, groups.length,
	                          "annotations", "iam.amazonaws.com/role", spec->strongbox_iam_role);
	json_array_append_new(rendering->kept, entry);
	ret->sources[ret->n_sources++] = (struct pod_secret_source){
		.image = find_image(rendering->options, "strongbox"),
		.parameters = json_object_get(entry, "parameters"),
		.annotations = json_object_get(entry, "annotations"),
	};
	return true;
}

static void
plan_named(const struct rendering *rendering, struct pod_secrets *ret)
{
	const struct fiaas_spec *spec = rendering->spec;
	for (size_t i = 0; i < spec->n_secrets; i++) {
		const struct fiaas_secrets *wanted = &spec->secrets[i];
		const char *image = find_image(rendering->options, wanted->type);
		if (image != NULL)
			ret->sources[ret->n_sources++] =
				(struct pod_secret_source){image, wanted->parameters, wanted->annotations};
	}
}

bool
pod_secrets_plan(struct rendering *rendering, struct pod_secrets *ret)
{
	const struct fiaas_spec *spec = rendering->spec;
	const struct fiaas_options *options = rendering->options;
	*ret = (struct pod_secrets){
		.mounts_token = has_default_image(options),
		.sources = arena_array(rendering->arena, struct pod_secret_source, spec->n_secrets + 1),
	};
	if (spec->n_secrets > 0)
		plan_named(rendering, ret);
	else if (spec->has_strongbox && find_image(options, "strongbox") != NULL)
		return plan_strongbox(rendering, ret);
	else if (find_image(options, "default") != NULL)
		ret->sources[ret->n_sources++].image = find_image(options, "default");
	else
		ret->is_plain = true;
	return true;
}

/* ---- what they add ---- */

static json_t *
build_environment(struct rendering *rendering, const struct pod_secret_source *source)
{
	const char *name;
	json_t *value, *list = json_array();
	if (source->parameters != NULL && !json_is_object(source->parameters)) {
		json_decref(list);
		return rendering_fail(rendering, "'%s' object has no attribute 'items'",
		                      python_type_name(source->parameters));
	}
	json_object_foreach (json_borrow(source->parameters), name, value)
		json_array_append_new(list, json_pack("{s:s, s:O}", "name", name, "value", value));
	json_array_append_new(
		list, json_pack("{s:s, s:s}", "name", "K8S_DEPLOYMENT", "value", rendering->application->name));
	return list;
}

static json_t *
build_mounts(const struct rendering *rendering)
{
	return json_pack("[o, o, o, o]", pod_mount(pod_volume_name(rendering, "secret"), SECRETS_PATH, false),
	                 pod_mount(INIT_CONFIG, "/var/run/config/" INIT_CONTAINER "/", true),
	                 pod_mount(pod_volume_name(rendering, "config"), "/var/run/config/fiaas/", true),
	                 pod_mount("tmp", "/tmp", false));
}

json_t *
pod_secrets_init_containers(struct rendering *rendering, const struct pod_secrets *secrets)
{
	json_t *containers = json_array();
	for (size_t i = 0; i < secrets->n_sources; i++)
		json_array_append_new(
			containers,
			json_pack("{s:s, s:s, s:s, s:o, s:[{s:{s:s, s:b}}], s:o}", "name", INIT_CONTAINER,
		                  "image", secrets->sources[i].image, "imagePullPolicy", "IfNotPresent", "env",
		                  build_environment(rendering, &secrets->sources[i]), "envFrom", "configMapRef",
		                  "name", INIT_CONTAINER, "optional", 1, "volumeMounts",
		                  build_mounts(rendering)));
	return containers;
}

void
pod_secrets_add_volumes(const struct rendering *rendering, const struct pod_secrets *secrets,
                        json_t *volumes)
{
	const char *name = pod_volume_name(rendering, "secret");
	if (secrets->is_plain)
		json_array_append_new(volumes,
		                      json_pack("{s:s, s:{s:s, s:b}}", "name", name, "secret", "secretName",
		                                rendering->application->name, "optional", 1));
	for (size_t i = 0; i < secrets->n_sources; i++) {
		json_array_append_new(volumes, pod_empty_dir(rendering, name));
		json_array_append_new(volumes, json_pack("{s:s, s:{s:s, s:b}}", "name", INIT_CONFIG, "configMap",
		                                         "name", INIT_CONTAINER, "optional", 1));
	}
}

void
pod_secrets_add_mounts(const struct rendering *rendering, const struct pod_secrets *secrets,
                       json_t *mounts)
{
	const char *name = pod_volume_name(rendering, "secret");
	for (size_t i = 0; i < secrets->n_sources + secrets->is_plain; i++)
		json_array_append_new(mounts, pod_mount(name, SECRETS_PATH, true));
}

bool
pod_secrets_add_annotations(struct rendering *rendering, const struct pod_secrets *secrets,
                            json_t *annotations)
{
	for (size_t i = 0; i < secrets->n_sources; i++) {
		const json_t *added = secrets->sources[i].annotations;
		if (added != NULL && !json_is_object(added)) {
			rendering_fail(rendering, "'%s' object is not iterable", python_type_name(added));
			return false;
		}
		json_object_update(annotations, json_borrow(added));
	}
	return true;
}
