/* Hosts, their grouping into Ingress objects, and certificates. */
#include "fiaas_fixture.h"

/* "name host[/path…] host…; name …" of every Ingress, in order. */
static void
assert_ingresses(const char *expected)
{
	char *shown = arena_strdup(&arena, "");
	const json_t *ingress, *rule, *path;
	for (size_t n = 0; (ingress = find_object("Ingress", n)) != NULL; n++) {
		shown = arena_printf(&arena, "%s%s%s", shown, n == 0 ? "" : "; ",
		                     json_text_or(ingress, "metadata.name", ""));
		json_t *rules = json_at(ingress, "spec.rules");
		for (size_t i = 0; (rule = json_array_get(rules, i)) != NULL; i++) {
			shown = arena_printf(&arena, "%s %s", shown, json_text_or(rule, "host", ""));
			json_t *paths = json_at(rule, "http.paths");
			for (size_t j = 0; (path = json_array_get(paths, j)) != NULL; j++)
				shown = arena_printf(&arena, "%s%s:%d", shown, json_text_or(path, "path", ""),
				                     (int)json_int_at(path, "backend.servicePort", -1));
		}
	}
	assert_string_equal(shown, expected);
}

/* ---- wanted or not ---- */

static void
test_ingress__needs_a_suffix_or_an_own_host_without_annotations(void **state)
{
	(void)state;
	render("{version: 3}");
	assert_ingresses("");
	render("{version: 3, ingress: [{host: h}]}");
	assert_ingresses("shop h/:80");
	render("{version: 3, ingress: [{host: h, annotations: {a: b}}]}");
	assert_ingresses("");
	render("{version: 3, ingress: [{host: h, annotations: {a: b}}, {host: i}]}");
	assert_ingresses("shop i/:80; shop-1 h/:80");
	option("ingress-suffix=a.example");
	render("{version: 3, ingress: []}");
	assert_ingresses("");
	render("{version: 3, ports: [], healthchecks: {liveness: {execute: {command: a}}}}");
	assert_ingresses("");
	render("{version: 3, ports: [{protocol: tcp}]}");
	assert_ingresses("");
}

/* ---- rules ---- */

static void
test_ingress__default_hosts_get_the_paths_of_every_unannotated_item(void **state)
{
	static const char *const suffixes[] = {"ingress-suffix=a.example", "ingress-suffix=b.example"};
	(void)state;
	options_many(suffixes, 2);
	render("{version: 3, ingress: [{host: h, paths: [{path: /x}, {path: /y}]}, {paths: [{path: /y},"
	       " {path: /z, port: 80}]}, {annotations: {a: b}, paths: [{path: /lost}]}]}");
	assert_ingresses("shop h/x:80/y:80 shop.a.example/x:80/y:80/z:80 shop.b.example/x:80/y:80/z:80");
}

static void
test_ingress__annotated_paths_never_reach_default_hosts(void **state)
{
	(void)state;
	option("ingress-suffix=a.example");
	render("{version: 3, ingress: [{host: h, annotations: {a: b}, paths: [{path: /x}]}]}");
	assert_ingresses("shop shop.a.example/:80; shop-1 h/x:80");
	render("{version: 3, ingress: [{paths: []}]}");
	assert_ingresses("shop shop.a.example/:80");
}

static void
test_ingress__paths_may_name_ports_or_give_their_number(void **state)
{
	(void)state;
	render("{version: 3, ports: [{}, {name: b, port: 81}, {name: b, port: 82}, {name: 83, port: 84}],"
	       " healthchecks: {liveness: {tcp: {port: 1}}}, ingress: [{host: h, paths: [{port: b}, {path: /n,"
	       " port: 81}, {path: /m, port: 83}]}]}");
	assert_ingresses("shop h/:82/n:81/m:84");
}

static void
test_ingress__paths_are_unique_within_a_rule_and_equal_hosts_stay_apart(void **state)
{
	(void)state;
	render("{version: 3, ingress: [{host: h, paths: [{path: /a}, {path: /b}, {path: /a, port: 80}]},"
	       " {host: h}]}");
	assert_ingresses("shop h/a:80/b:80 h/:80");
}

static void
test_ingress__host_pairs_work_in_both_directions(void **state)
{
	static const char *const pairs[] = {"ingress-host-pair=one.example=two.example",
	                                    "ingress-host-pair=shop.b.example=shop.a.example",
	                                    "ingress-host-pair=x=h"};
	(void)state;
	options_many(pairs, array_length(pairs));
	option("ingress-suffix=a.example");
	render("{version: 3, ingress: [{host: two.example}, {host: h, annotations: {a: b}, paths:"
	       " [{path: /p}]}]}");
	assert_ingresses("shop two.example/:80 shop.a.example/:80 one.example/:80 shop.b.example/:80; "
	                 "shop-1 h/p:80; shop-2 x/p:80");
	render("{version: 3, ingress: [{host: two.example}, {host: one.example}]}");
	assert_ingresses("shop two.example/:80 one.example/:80 shop.a.example/:80 shop.b.example/:80");
}

static void
test_ingress__own_hosts_are_rewritten_default_ones_are_not(void **state)
{
	static const char *const rules[] = {"host-rewrite-rule=www=dev", "host-rewrite-rule=^(.*)$=dev.\\1"};
	(void)state;
	options_many(rules, array_length(rules));
	option("ingress-suffix=www.example");
	render("{version: 3, ingress: [{host: www.www.com}, {host: site.com}]}");
	assert_ingresses("shop dev.dev.com/:80 dev.site.com/:80 shop.www.example/:80");
}

static void
test_ingress__a_host_that_is_no_text_is_a_deploy_error(void **state)
{
	(void)state;
	assert_deploy_error("ingress: [{host: 5}]", "ingress host 5 is not a string");
	render("{version: 3, ingress: [{host: ''}]}");
	assert_ingresses("");
}

static void
test_ingress__backend_of_both_api_versions(void **state)
{
	(void)state;
	option("ingress-suffix=a.example");
	render("{version: 3}");
	assert_at("Ingress", 0, "apiVersion", "'extensions/v1beta1'");
	assert_at("Ingress", 0, "spec",
	          "{'rules':[{'host':'shop.a.example','http':{'paths':[{'path':'/','backend':"
	          "{'serviceName':'shop','servicePort':80}}]}}]}");
	option("use-networkingv1-ingress");
	render("{version: 3}");
	assert_at("Ingress", 0, "apiVersion", "'networking.k8s.io/v1'");
	assert_at("Ingress", 0, "spec",
	          "{'rules':[{'host':'shop.a.example','http':{'paths':[{'path':'/','pathType':"
	          "'ImplementationSpecific','backend':{'service':{'name':'shop','port':{'number':80}}}}]}}]}");
}

/* ---- grouping and annotations ---- */

static void
test_ingress__each_annotated_item_has_an_object_of_its_own(void **state)
{
	(void)state;
	option("ingress-suffix=a.example");
	render("{version: 3, annotations: {ingress: {all: x, a: x}}, ingress: [{host: h, annotations: {a: b}},"
	       " {host: i, annotations: {a: b, fiaas/expose: 'false'}}]}");
	assert_ingresses("shop shop.a.example/:80; shop-1 h/:80; shop-2 i/:80");
	assert_at("Ingress", 0, "metadata.annotations", "{'all':'x','a':'x','fiaas/expose':'false'}");
	assert_at("Ingress", 1, "metadata.annotations", "{'all':'x','a':'b','fiaas/expose':'true'}");
	assert_at("Ingress", 2, "metadata.annotations", "{'all':'x','a':'b','fiaas/expose':'true'}");
	assert_at("Ingress", 2, "metadata.labels.app", "'shop'");
	assert_deploy_error("ingress: [{host: h, annotations: text}, {host: i}]",
	                    "'str' object has no attribute 'items'");
}

static void
test_ingress__expose_tells_whether_the_application_asks_for_a_host(void **state)
{
	static const struct {
		const char *ingress, *expose;
	} rows[] = {
		{"[{}]", "'false'"},
		{"[{host: h}]", "'true'"},
		{"[{host: ''}]", "'true'"},
		{"[{host: h, annotations: {a: b}}]", "'false'"},
	};
	(void)state;
	option("ingress-suffix=a.example");
	for (size_t i = 0; i < array_length(rows); i++) {
		render(arena_printf(&arena, "{version: 3, ingress: %s}", rows[i].ingress));
		assert_at("Ingress", 0, "metadata.annotations.fiaas/expose", rows[i].expose);
	}
}

static void
test_ingress__other_issuers_have_objects_of_their_own(void **state)
{
	static const char *const overrides[] = {"tls-certificate-issuer-type-overrides=b.example=type/b",
	                                        "tls-certificate-issuer-type-overrides=deep.b.example=type/deep",
	                                        "tls-certificate-issuer-overrides=c.example=issuer-c"};
	(void)state;
	options_many(overrides, array_length(overrides));
	option("ingress-suffix=a.example");
	option("tls-certificate-issuer=cluster-issuer");
	option("use-ingress-tls=default_on");
	render("{version: 3, ingress: [{host: x.b.example}, {host: h, annotations: {a: b}}, {host: c.example},"
	       " {host: y.b.example}, {host: xb.example}, {host: z.deep.b.example}]}");
	assert_ingresses("shop xb.example/:80 shop.a.example/:80; shop-2 h/:80; "
	                 "shop-1 x.b.example/:80 y.b.example/:80; shop-3 c.example/:80; "
	                 "shop-4 z.deep.b.example/:80");
	assert_at("Ingress", 0, "metadata.annotations",
	          "{'fiaas/expose':'true','certmanager.k8s.io/cluster-issuer':'cluster-issuer'}");
	assert_at("Ingress", 2, "metadata.annotations",
	          "{'fiaas/expose':'true','type/b':'cluster-issuer'}");
	assert_at("Ingress", 3, "metadata.annotations.certmanager\\.k8s\\.io/cluster-issuer", "'issuer-c'");
	assert_at("Ingress", 4, "metadata.annotations.type/deep", "'cluster-issuer'");
	assert_at("Ingress", 2, "spec.tls",
	          "[{'hosts':['x.b.example','y.b.example'],'secretName':'shop-1-ingress-tls'}]");
}

static void
test_ingress__the_longest_suffix_chooses_the_issuer(void **state)
{
	static const char *const overrides[] = {"tls-certificate-issuer-type-overrides=deep.b.example=type/deep",
	                                        "tls-certificate-issuer-type-overrides=b.example=type/b"};
	(void)state;
	options_many(overrides, array_length(overrides));
	option("use-ingress-tls=default_on");
	option("tls-certificate-issuer=i");
	render("{version: 3, ingress: [{host: z.deep.b.example, annotations: {a: b}}, {host: y.deep.b.example}]}");
	assert_ingresses("shop-1 z.deep.b.example/:80; shop-2 y.deep.b.example/:80");
	assert_at("Ingress", 0, "metadata.annotations", "{'a':'b','fiaas/expose':'true','type/deep':'i'}");
	assert_at("Ingress", 1, "metadata.annotations", "{'fiaas/expose':'true','type/deep':'i'}");
}

static void
test_ingress__issuers_split_even_without_tls(void **state)
{
	(void)state;
	option("ingress-suffix=a.example");
	option("tls-certificate-issuer-overrides=b.example=issuer-b");
	render("{version: 3, ingress: [{host: b.example}]}");
	assert_ingresses("shop shop.a.example/:80; shop-1 b.example/:80");
	assert_at("Ingress", 1, "metadata.annotations", "{'fiaas/expose':'true'}");
	assert_at("Ingress", 1, "spec.tls", "absent");
}

static void
test_ingress__an_override_of_a_suffix_is_the_default(void **state)
{
	static const char *const suffixes[] = {"ingress-suffix=a.example", "ingress-suffix=b.example"};
	(void)state;
	options_many(suffixes, 2);
	option("tls-certificate-issuer-type-overrides=b.example=type/b");
	option("tls-certificate-issuer-overrides=b.example=issuer-b");
	option("use-ingress-tls=default_on");
	render("{version: 3, extensions: {tls: {certificate_issuer: mine}}}");
	assert_ingresses("shop shop.b.example/:80; shop-1 shop.a.example/:80");
	assert_at("Ingress", 0, "metadata.annotations.type/b", "'issuer-b'");
	assert_at("Ingress", 1, "metadata.annotations.type/b", "'mine'");
}

/* ---- TLS ---- */

static void
test_tls__three_modes_and_three_states(void **state)
{
	static const char *const modes[] = {"disabled", "default_off", "default_on"};
	static const struct {
		const char *extension;
		bool expected[3];
	} rows[] = {
		{"{}", {false, false, true}},
		{"{tls: false}", {false, false, true}},
		{"{tls: true}", {false, true, true}},
		{"{tls: {enabled: true}}", {false, true, true}},
		{"{tls: {enabled: false}}", {false, false, false}},
		{"{tls: {enabled: null}}", {false, false, true}},
		{"{tls: {enabled: 'true'}}", {false, false, true}},
		{"{tls: {certificate_issuer: i}}", {false, false, true}},
	};
	(void)state;
	option("ingress-suffix=a.example");
	for (size_t mode = 0; mode < 3; mode++) {
		option(arena_printf(&arena, "use-ingress-tls=%s", modes[mode]));
		for (size_t i = 0; i < array_length(rows); i++) {
			render(arena_printf(&arena, "{version: 3, extensions: %s}", rows[i].extension));
			bool has_tls = json_at(find_object("Ingress", 0), "spec.tls") != NULL;
			if (has_tls != rows[i].expected[mode])
				fail_msg("%s with %s", rows[i].extension, modes[mode]);
		}
	}
}

static void
test_tls__annotation_names_the_issuer_or_asks_for_any(void **state)
{
	(void)state;
	option("ingress-suffix=a.example");
	option("use-ingress-tls=default_on");
	render("{version: 3}");
	assert_at("Ingress", 0, "metadata.annotations.kubernetes\\.io/tls-acme", "'true'");
	option("tls-certificate-issuer-overrides=a.example=ignored");
	render("{version: 3}");
	assert_at("Ingress", 0, "metadata.annotations.kubernetes\\.io/tls-acme", "'true'");
	option("tls-certificate-issuer-overrides=other.example=x");
	option("tls-certificate-issuer-type-default=type/default");
	render("{version: 3, extensions: {tls: {certificate_issuer: mine}}}");
	assert_at("Ingress", 0, "metadata.annotations", "{'fiaas/expose':'false','type/default':'mine'}");
	option("tls-certificate-issuer=cluster");
	render("{version: 3}");
	assert_at("Ingress", 0, "metadata.annotations", "{'fiaas/expose':'false','type/default':'cluster'}");
}

static void
test_tls__only_the_default_object_has_a_short_host(void **state)
{
	(void)state;
	application.name = "testapp";
	application.namespace = "default";
	option("use-ingress-tls=default_on");
	render("{version: 3, ingress: [{host: h.example}]}");
	assert_at("Ingress", 0, "spec.tls", "[{'hosts':['h.example'],'secretName':'testapp-ingress-tls'}]");
	option("ingress-suffix=short.suffix");
	render("{version: 3, ingress: [{host: h.example}, {host: i.example, annotations: {a: b}}]}");
	assert_at("Ingress", 0, "spec.tls",
	          "[{'hosts':['zgwvxk7m22jnzqmofnboadb6kpuri4st.short.suffix','h.example',"
	          "'testapp.short.suffix'],'secretName':'testapp-ingress-tls'}]");
	assert_at("Ingress", 1, "spec.tls", "[{'hosts':['i.example'],'secretName':'testapp-1-ingress-tls'}]");
}

static void
test_tls__deprecated_entries_of_hosts_that_fit(void **state)
{
	(void)state;
	option("use-ingress-tls=default_on");
	option("enable-deprecated-tls-entry-per-host");
	char *long_host = arena_printf(&arena, "%064d", 0);
	render(arena_printf(&arena, "{version: 3, ingress: [{host: h.example}, {host: '%s'}, {host: '%s'}]}",
	                    long_host, long_host + 1));
	assert_at("Ingress", 0, "spec.tls.0", "{'hosts':['h.example'],'secretName':'h.example'}");
	assert_at("Ingress", 0, "spec.tls.1.secretName", arena_printf(&arena, "'%s'", long_host + 1));
	assert_at("Ingress", 0, "spec.tls.2.secretName", "'shop-ingress-tls'");
	assert_at("Ingress", 0, "spec.tls.3", "absent");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_ingress__needs_a_suffix_or_an_own_host_without_annotations),
		TEST(test_ingress__default_hosts_get_the_paths_of_every_unannotated_item),
		TEST(test_ingress__annotated_paths_never_reach_default_hosts),
		TEST(test_ingress__paths_may_name_ports_or_give_their_number),
		TEST(test_ingress__paths_are_unique_within_a_rule_and_equal_hosts_stay_apart),
		TEST(test_ingress__host_pairs_work_in_both_directions),
		TEST(test_ingress__own_hosts_are_rewritten_default_ones_are_not),
		TEST(test_ingress__a_host_that_is_no_text_is_a_deploy_error),
		TEST(test_ingress__backend_of_both_api_versions),
		TEST(test_ingress__each_annotated_item_has_an_object_of_its_own),
		TEST(test_ingress__expose_tells_whether_the_application_asks_for_a_host),
		TEST(test_ingress__other_issuers_have_objects_of_their_own),
		TEST(test_ingress__the_longest_suffix_chooses_the_issuer),
		TEST(test_ingress__issuers_split_even_without_tls),
		TEST(test_ingress__an_override_of_a_suffix_is_the_default),
		TEST(test_tls__three_modes_and_three_states),
		TEST(test_tls__annotation_names_the_issuer_or_asks_for_any),
		TEST(test_tls__only_the_default_object_has_a_short_host),
		TEST(test_tls__deprecated_entries_of_hosts_that_fit),
	};
	return cmocka_run_group_tests_name("core/fiaas/ingress", tests, NULL, NULL);
}
