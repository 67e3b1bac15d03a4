/* Any bytes as fiaas.yml, rendered for clusters with every option on and off.
 * Whatever is accepted must be the same the second time; whatever is refused must say why. */
#include <jansson.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "core/fiaas/python.h"
#include "core/fiaas/render.h"
#include "core/fiaas/v2.h"
#include "data/json.h"
#include "data/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

static const char *const everything[] = {
	"environment=dev", "ingress-suffix=a.example", "ingress-suffix=b.a.example",
	"host-rewrite-rule=^www=dev", "host-rewrite-rule=(x+)=\\1\\1", "ingress-host-pair=a.example=b.example",
	"use-networkingv1-ingress", "use-ingress-tls=default_on", "tls-certificate-issuer=i",
	"tls-certificate-issuer-overrides=b.example=j", "enable-deprecated-tls-entry-per-host",
	"global-env=A=b", "secret-init-containers=vault=v:1", "strongbox-init-container-image=s:1",
	"datadog-container-image=d:1", "datadog-global-tags=a=b", "datadog-activate-sleep", "pre-stop-delay=5",
	"use-in-memory-emptydirs", "dns-search-domains=a", "enable-service-account-per-app", "list-of-roles=r",
};

static json_t *
render(const json_t *config, bool has_everything, struct arena *arena)
{
	static const struct fiaas_cluster_state cluster;
	struct fiaas_options options;
	struct error err = {0};
	enum fiaas_outcome outcome;
	json_t *objects = NULL;
	const struct fiaas_application application = {.name = "shop", .namespace = "sales", .image = "shop:1",
	                                              .deployment_id = "1", .uid = "u", .config = config};
	fiaas_options_init(&options);
	if (has_everything && !fiaas_options_set_texts(&options, everything, array_length(everything), arena, &err))
		abort();
	if (!fiaas_render(&application, &options, &cluster, arena, &objects, &outcome, &err) &&
	    (err.why[0] == '\0' || err.code != ERROR_INVALID_SPEC || outcome == FIAAS_ACCEPTED))
		abort();
	return objects;
}

static void
strip(const json_t *config, struct arena *arena)
{
	struct error err;
	struct merge merge = {.arena = arena, .err = &err};
	json_t *v3 = fiaas_v2_transform(&merge, config);
	json_decref(fiaas_v2_strip(v3));
	json_decref(v3);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	struct arena arena = {0};
	struct yaml_node *root = NULL;
	struct error err;
	if (yaml_parse((const char *)bytes, length, "fuzz", &yaml_limits_default, &arena, &root, &err) &&
	    root != NULL) {
		json_t *config = yaml_to_json(root);
		json_t *plain = render(config, false, &arena);
		json_t *once = render(config, true, &arena), *twice = render(config, true, &arena);
		if ((once == NULL) != (twice == NULL) || (once != NULL && !json_equal(once, twice)))
			abort();
		strip(config, &arena);
		json_decref(plain);
		json_decref(once);
		json_decref(twice);
		json_decref(config);
	}
	arena_release(&arena);
	return 0;
}
