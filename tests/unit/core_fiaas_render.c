/* Each object kind, rule by rule, and what each cluster option changes. */
#include "fiaas_fixture.h"

#define ALL_LABELS \
	"'app':'shop','fiaas/version':'1.2.3','fiaas/deployment_id':'id1','fiaas/deployed_by':''"

/* ---- common metadata ---- */

static void
test_objects__come_in_the_operators_order(void **state)
{
	static const char *const kinds[] = {"ServiceAccount", "RoleBinding", "RoleBinding", "Service",
	                                    "Ingress", "Deployment", "HorizontalPodAutoscaler",
	                                    "PodDisruptionBudget"};
	(void)state;
	option("ingress-suffix=a.example");
	option("enable-service-account-per-app");
	option("list-of-roles=r");
	option("list-of-cluster-roles=c");
	render("{version: 3}");
	assert_int_equal(json_array_size(objects), array_length(kinds));
	for (size_t i = 0; i < array_length(kinds); i++)
		assert_string_equal(json_text_or(json_array_get(objects, i), "kind", ""), kinds[i]);
}

static void
test_labels__managed_ones_win(void **state)
{
	json_t *additional = yaml("{global: {a: global, b: global, app: mine}, service: {a: service}}");
	(void)state;
	application.additional_labels = additional;
	option("fiaas-version=20260101");
	render("{version: 3, labels: {service: {a: config, b: config, c: config, fiaas/version: x}}}");
	assert_at("Service", 0, "metadata.labels.a", "'service'");
	assert_at("Service", 0, "metadata.labels.b", "'global'");
	assert_at("Service", 0, "metadata.labels.c", "'config'");
	assert_at("Service", 0, "metadata.labels.app", "'shop'");
	assert_at("Service", 0, "metadata.labels.fiaas/version", "'1.2.3'");
	assert_at("Service", 0, "metadata.labels.fiaas/deployed_by", "'20260101'");
	assert_at("Deployment", 0, "metadata.labels.a", "'global'");
	assert_at("Deployment", 0, "metadata.labels.c", "absent");
	application.additional_labels = NULL;
	json_decref(additional);
}

static void
test_annotations__managed_ones_win(void **state)
{
	json_t *additional = yaml("{global: {a: global}, pod: {a: pod}}");
	(void)state;
	application.additional_annotations = additional;
	render("{version: 3, annotations: {pod: {a: config, prometheus.io/path: /mine}}}");
	assert_pod_metadata("annotations", "{'a':'pod','prometheus.io/path':'/_/metrics',"
	                                   "'prometheus.io/scrape':'true','prometheus.io/port':'8080'}");
	assert_at("Deployment", 0, "metadata.annotations", "{'a':'global'}");
	application.additional_annotations = NULL;
	json_decref(additional);
}

static void
test_labels__of_deployment_and_pod_are_apart(void **state)
{
	(void)state;
	render("{version: 3, labels: {deployment: {d: x}, pod: {p: x}}}");
	assert_at("Deployment", 0, "metadata.labels", "{'d':'x'," ALL_LABELS "}");
	assert_pod_metadata("labels", "{'p':'x'," ALL_LABELS ",'fiaas/status':'active'}");
}

static void
test_labels__each_object_has_its_own(void **state)
{
	static const char *const rows[][2] = {
		{"horizontal_pod_autoscaler", "HorizontalPodAutoscaler"}, {"ingress", "Ingress"},
		{"service", "Service"}, {"service_account", "ServiceAccount"},
		{"pod_disruption_budget", "PodDisruptionBudget"}, {"role_binding", "RoleBinding"},
		{"deployment", "Deployment"},
	};
	(void)state;
	option("ingress-suffix=a.example");
	option("enable-service-account-per-app");
	option("list-of-roles=r");
	for (size_t i = 0; i < array_length(rows); i++) {
		render(arena_printf(&arena, "{version: 3, labels: {%s: {x: l}}, annotations: {%s: {x: a}}}",
		                    rows[i][0], rows[i][0]));
		for (size_t j = 0; j < array_length(rows); j++) {
			assert_at(rows[j][1], 0, "metadata.labels.x", i == j ? "'l'" : "absent");
			assert_at(rows[j][1], 0, "metadata.annotations.x", i == j ? "'a'" : "absent");
		}
	}
}

static void
test_version__is_what_follows_the_last_colon(void **state)
{
	static const char *const rows[][2] = {
		{"shop:1", "'1'"}, {"registry:5000/shop:1", "'1'"}, {"registry:5000/shop", "'5000/shop'"},
		{"shop@sha256:abc", "'abc'"},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		application.image = rows[i][0];
		render("{version: 3}");
		assert_at("Service", 0, "metadata.labels.fiaas/version", rows[i][1]);
	}
}

static void
test_owner__is_the_application_when_its_uid_is_known(void **state)
{
	(void)state;
	render("{version: 3}");
	assert_at("Service", 0, "metadata.ownerReferences", "absent");
	application.uid = "u-1";
	render("{version: 3}");
	for (size_t i = 0; i < json_array_size(objects); i++)
		assert_at(json_text_or(json_array_get(objects, i), "kind", ""), 0, "metadata.ownerReferences",
		          "[{'apiVersion':'fiaas.schibsted.io/v1','kind':'Application','name':'shop',"
		          "'uid':'u-1','controller':true,'blockOwnerDeletion':true}]");
	assert_pod_metadata("ownerReferences", "absent");
}

/* ---- Deployment ---- */

static void
test_deployment__replicas_live_ones_are_kept_with_an_autoscaler(void **state)
{
	(void)state;
	cluster.live_replicas = 4;
	render("{version: 3}");
	assert_deployment("replicas", "4");
	render("{version: 3, replicas: {minimum: 3, maximum: 3}}");
	assert_deployment("replicas", "3");
}

static void
test_deployment__a_singleton_goes_before_its_successor_comes(void **state)
{
	(void)state;
	option("deployment-max-surge=3");
	option("deployment-max-unavailable=10%");
	render("{version: 3, replicas: {maximum: 1}}");
	assert_deployment("strategy.rollingUpdate", "{'maxSurge':0,'maxUnavailable':1}");
	render("{version: 3, replicas: {maximum: 1, singleton: false}}");
	assert_deployment("strategy.rollingUpdate", "{'maxSurge':3,'maxUnavailable':'10%'}");
	render("{version: 3, replicas: {minimum: 1}}");
	assert_deployment("strategy", "{'type':'RollingUpdate','rollingUpdate':{'maxSurge':3,"
	                              "'maxUnavailable':'10%'}}");
}

static void
test_deployment__best_effort_namespaces_have_no_resources(void **state)
{
	(void)state;
	option("datadog-container-image=dd:1");
	cluster.has_best_effort_quota = true;
	render("{version: 3, metrics: {datadog: {enabled: true}}}");
	assert_container("resources", "absent");
	assert_pod("containers.1.resources", "absent");
	assert_absent("HorizontalPodAutoscaler");
	assert_non_null(find_object("PodDisruptionBudget", 0));
}

static void
test_deployment__pull_policy(void **state)
{
	static const char *const rows[][2] = {
		{"shop:1", "'IfNotPresent'"}, {"shop:latest", "'Always'"}, {"shop:latest-1", "'Always'"},
		{"registry:5000/shop:1", "'IfNotPresent'"},
	};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		application.image = rows[i][0];
		render("{version: 3}");
		assert_container("imagePullPolicy", rows[i][1]);
	}
}

static void
test_deployment__the_pods_fixed_parts(void **state)
{
	(void)state;
	render("{version: 3, admin_access: true, secrets_in_environment: true}");
	assert_pod("restartPolicy", "'Always'");
	assert_pod("dnsPolicy", "'ClusterFirst'");
	assert_pod("serviceAccountName", "'default'");
	assert_pod("automountServiceAccountToken", "true");
	assert_pod("terminationGracePeriodSeconds", "30");
	assert_pod("enableServiceLinks", "absent");
	assert_pod("dnsConfig", "absent");
	assert_pod("initContainers", "absent");
	assert_pod("imagePullSecrets", "absent");
	assert_container("lifecycle", "absent");
	assert_container("command", "absent");
	assert_container("envFrom", "[{'configMapRef':{'name':'shop','optional':true}},"
	                            "{'secretRef':{'name':'shop','optional':true}}]");
	assert_pod("volumes", "[{'name':'shop-secret','secret':{'secretName':'shop','optional':true}},"
	                      "{'name':'shop-config','configMap':{'name':'shop','optional':true}},"
	                      "{'name':'tmp','emptyDir':{}}]");
	assert_container("volumeMounts",
	                 "[{'name':'shop-secret','mountPath':'/var/run/secrets/fiaas/','readOnly':true},"
	                 "{'name':'shop-config','mountPath':'/var/run/config/fiaas/','readOnly':true},"
	                 "{'name':'tmp','mountPath':'/tmp'}]");
	assert_deployment("selector", "{'matchLabels':{'app':'shop'}}");
	assert_deployment("revisionHistoryLimit", "5");
	assert_deployment("progressDeadlineSeconds", "absent");
}

static void
test_deployment__lists_tcp_and_http_ports_alike(void **state)
{
	(void)state;
	render("{version: 3, ports: [{name: t, protocol: tcp, target_port: 1}, {name: u, protocol: udp,"
	       " target_port: 2}, {target_port: 3}], healthchecks: {liveness: {tcp: {port: 1}}}}");
	assert_container("ports", "[{'name':'t','containerPort':1,'protocol':'TCP'},"
	                          "{'name':'u','containerPort':2,'protocol':'TCP'},"
	                          "{'name':'http','containerPort':3,'protocol':'TCP'}]");
}

/* ---- environment ---- */

static void
assert_environment(const char *expected)
{
	char *names = arena_strdup(&arena, "");
	json_t *list = json_at(find_object("Deployment", 0), "spec.template.spec.containers.0.env");
	for (size_t i = 0; i < json_array_size(list); i++)
		names = arena_printf(&arena, "%s %s", names, json_text_or(json_array_get(list, i), "name", ""));
	assert_string_equal(names + 1, expected);
}

static void
assert_variable(const char *name, const char *expected)
{
	json_t *list = json_at(find_object("Deployment", 0), "spec.template.spec.containers.0.env");
	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(json_text_or(json_array_get(list, i), "name", ""), name) == 0) {
			assert_string_equal(json_text_or(json_array_get(list, i), "value", "not a value"), expected);
			return;
		}
	fail_msg("no variable %s", name);
}

static void
test_environment__is_sorted_by_name(void **state)
{
	(void)state;
	option("environment=test");
	render("{version: 3}");
	assert_environment("ARTIFACT_NAME CONSTRETTO_TAGS FIAAS_ARTIFACT_NAME FIAAS_ENVIRONMENT FIAAS_IMAGE "
	                   "FIAAS_INFRASTRUCTURE FIAAS_LIMITS_CPU FIAAS_LIMITS_MEMORY FIAAS_NAMESPACE "
	                   "FIAAS_POD_NAME FIAAS_REQUESTS_CPU FIAAS_REQUESTS_MEMORY FIAAS_VERSION FINN_ENV "
	                   "IMAGE LOG_FORMAT LOG_STDOUT VERSION");
}

static void
test_environment__without_one_has_fewer_names(void **state)
{
	(void)state;
	render("{version: 3}");
	assert_variable("CONSTRETTO_TAGS", "kubernetes");
	assert_variable("FIAAS_INFRASTRUCTURE", "diy");
	assert_variable("LOG_STDOUT", "true");
	assert_environment("ARTIFACT_NAME CONSTRETTO_TAGS FIAAS_ARTIFACT_NAME FIAAS_IMAGE "
	                   "FIAAS_INFRASTRUCTURE FIAAS_LIMITS_CPU FIAAS_LIMITS_MEMORY FIAAS_NAMESPACE "
	                   "FIAAS_POD_NAME FIAAS_REQUESTS_CPU FIAAS_REQUESTS_MEMORY FIAAS_VERSION IMAGE "
	                   "LOG_FORMAT LOG_STDOUT VERSION");
}

static void
test_environment__later_sources_win_and_the_downward_api_is_appended(void **state)
{
	static const char *const globals[] = {"global-env=LOG_STDOUT=mine", "global-env=VERSION=mine",
	                                      "global-env=NAMESPACE=mine"};
	(void)state;
	options_many(globals, array_length(globals));
	render("{version: 3}");
	assert_variable("LOG_STDOUT", "mine");
	assert_variable("FIAAS_LOG_STDOUT", "mine");
	assert_variable("VERSION", "1.2.3");
	assert_variable("FIAAS_VERSION", "1.2.3");
	assert_environment("ARTIFACT_NAME CONSTRETTO_TAGS FIAAS_ARTIFACT_NAME FIAAS_IMAGE "
	                   "FIAAS_INFRASTRUCTURE FIAAS_LIMITS_CPU FIAAS_LIMITS_MEMORY FIAAS_LOG_STDOUT "
	                   "FIAAS_NAMESPACE FIAAS_NAMESPACE FIAAS_POD_NAME FIAAS_REQUESTS_CPU "
	                   "FIAAS_REQUESTS_MEMORY FIAAS_VERSION IMAGE LOG_FORMAT LOG_STDOUT NAMESPACE VERSION");
}

static void
test_environment__shows_resources_and_fields(void **state)
{
	(void)state;
	render("{version: 3}");
	assert_container("env.5", "{'name':'FIAAS_LIMITS_CPU','valueFrom':{'resourceFieldRef':"
	                          "{'containerName':'shop','resource':'limits.cpu','divisor':1}}}");
	assert_container("env.7", "{'name':'FIAAS_NAMESPACE','valueFrom':{'fieldRef':"
	                          "{'fieldPath':'metadata.namespace'}}}");
}

/* ---- probes ---- */

static void
test_probes__execute_beats_http_beats_tcp(void **state)
{
	(void)state;
	render("{version: 3, healthchecks: {liveness: {tcp: {port: 1}, http: {path: /a}, execute:"
	       " {command: \"sh -c 'a b'\"}}, readiness: {tcp: {port: 1}, http: {path: /b}}}}");
	assert_container("livenessProbe.exec", "{'command':['sh','-c','a b']}");
	assert_container("livenessProbe.httpGet", "absent");
	assert_container("readinessProbe.httpGet", "{'path':'/b','port':'http','scheme':'HTTP'}");
	assert_container("readinessProbe.tcpSocket", "absent");
}

static void
test_probes__readiness_copies_liveness_whole(void **state)
{
	(void)state;
	render("{version: 3, healthchecks: {liveness: {initial_delay_seconds: 20}}}");
	assert_container("readinessProbe", "{'httpGet':{'path':'/_/health','port':'http','scheme':'HTTP'},"
	                                   "'initialDelaySeconds':20,'periodSeconds':10,'timeoutSeconds':1,"
	                                   "'successThreshold':1,'failureThreshold':3}");
	render("{version: 3, healthchecks: {readiness: {initial_delay_seconds: 20}}}");
	assert_container("livenessProbe.initialDelaySeconds", "10");
	assert_container("readinessProbe.httpGet.path", "'/_/ready'");
	render("{version: 3}");
	assert_container("livenessProbe.httpGet.path", "'/_/health'");
	assert_container("readinessProbe.httpGet.path", "'/_/ready'");
}

static void
test_probes__an_empty_check_is_not_given(void **state)
{
	(void)state;
	render("{version: 3, healthchecks: {liveness: {execute: {}, http: {}, tcp: {port: 5}}}}");
	assert_container("livenessProbe.tcpSocket", "{'port':5}");
}

static void
test_probes__the_port_is_the_first_ports_name(void **state)
{
	(void)state;
	render("{version: 3, ports: [{name: t, protocol: tcp}, {name: http}], healthchecks: {liveness: {http:"
	       " {path: /a, http_headers: {X-B: b, X-A: 1}}}, readiness: {tcp: {x: y}}}}");
	assert_container("livenessProbe.httpGet",
	                 "{'path':'/a','port':'t','scheme':'HTTP','httpHeaders':[{'name':'X-B','value':'b'},"
	                 "{'name':'X-A','value':1}]}");
	assert_container("readinessProbe.tcpSocket", "{'port':'t'}");
}

static void
test_probes__a_single_tcp_port_is_connected_to(void **state)
{
	(void)state;
	render("{version: 3, ports: [{name: t, protocol: tcp}]}");
	assert_container("livenessProbe.tcpSocket", "{'port':'t'}");
	assert_container("readinessProbe.tcpSocket", "{'port':'t'}");
}

/* ---- secrets ---- */

static void
test_secrets__of_a_known_type_come_from_an_init_container(void **state)
{
	(void)state;
	option("secret-init-containers=vault=vault:latest");
	option("secrets-service-account-name=fetcher");
	option("enable-service-account-per-app");
	render("{version: 3, secrets_in_environment: true, annotations: {pod: {role: mine}},"
	       " extensions: {secrets: {vault: {parameters: {B: 2, A: a}, annotations: {role: r}}}}}");
	assert_pod("initContainers",
	           "[{'name':'fiaas-secrets-init-container','image':'vault:latest',"
	           "'imagePullPolicy':'IfNotPresent','env':[{'name':'B','value':2},{'name':'A','value':'a'},"
	           "{'name':'K8S_DEPLOYMENT','value':'shop'}],'envFrom':[{'configMapRef':"
	           "{'name':'fiaas-secrets-init-container','optional':true}}],'volumeMounts':["
	           "{'name':'shop-secret','mountPath':'/var/run/secrets/fiaas/'},"
	           "{'name':'fiaas-secrets-init-container-config',"
	           "'mountPath':'/var/run/config/fiaas-secrets-init-container/','readOnly':true},"
	           "{'name':'shop-config','mountPath':'/var/run/config/fiaas/','readOnly':true},"
	           "{'name':'tmp','mountPath':'/tmp'}]}]");
	assert_pod("volumes.0", "{'name':'shop-secret','emptyDir':{}}");
	assert_pod("volumes.1", "{'name':'fiaas-secrets-init-container-config','configMap':"
	                        "{'name':'fiaas-secrets-init-container','optional':true}}");
	assert_pod("volumes.2.name", "'shop-config'");
	assert_container("volumeMounts.0",
	                 "{'name':'shop-secret','mountPath':'/var/run/secrets/fiaas/','readOnly':true}");
	assert_container("envFrom", "[{'configMapRef':{'name':'shop','optional':true}}]");
	assert_pod_metadata("annotations.role", "'r'");
	assert_pod("serviceAccountName", "'fetcher'");
	assert_pod("automountServiceAccountToken", "false");
	render("{version: 3}");
	assert_pod("serviceAccountName", "'shop'");
}

static void
test_secrets__of_an_unknown_type_drop_even_the_plain_secret(void **state)
{
	(void)state;
	render("{version: 3, secrets_in_environment: true,"
	       " extensions: {secrets: {vault: {parameters: {}, annotations: {}}}}}");
	assert_pod("initContainers", "absent");
	assert_pod("volumes.0.name", "'shop-config'");
	assert_container("volumeMounts.0.name", "'shop-config'");
	assert_container("envFrom", "[{'configMapRef':{'name':'shop','optional':true}}]");
}

static void
test_secrets__strongbox_is_an_entry_of_its_type(void **state)
{
	(void)state;
	option("strongbox-init-container-image=strongbox:1");
	render("{version: 3, extensions: {strongbox: {iam_role: 'arn:r', groups: [a, b]}}}");
	assert_pod("initContainers.0.image", "'strongbox:1'");
	assert_pod("initContainers.0.env", "[{'name':'AWS_REGION','value':'eu-west-1'},"
	                                   "{'name':'SECRET_GROUPS','value':'a,b'},"
	                                   "{'name':'K8S_DEPLOYMENT','value':'shop'}]");
	assert_pod_metadata("annotations.iam\\.amazonaws\\.com/role", "'arn:r'");
	render("{version: 3, extensions: {strongbox: {iam_role: 'arn:r', groups: []}}}");
	assert_pod("initContainers.0.env.1", "{'name':'SECRET_GROUPS','value':''}");
	render("{version: 3, extensions: {strongbox: {iam_role: 'arn:r'}}}");
	assert_pod("volumes.0.name", "'shop-secret'");
	assert_pod("initContainers", "absent");
	option("strongbox-init-container-image=");
	render("{version: 3, extensions: {strongbox: {iam_role: 'arn:r', groups: [a]}}}");
	assert_pod("volumes.0.secret.secretName", "'shop'");
}

static void
test_secrets__the_default_type_is_used_when_none_is_named(void **state)
{
	(void)state;
	option("secrets-init-container-image=fetch:1");
	render("{version: 3}");
	assert_pod("initContainers.0.image", "'fetch:1'");
	assert_pod("initContainers.0.env", "[{'name':'K8S_DEPLOYMENT','value':'shop'}]");
	assert_pod("automountServiceAccountToken", "true");
	option("secret-init-containers=vault=vault:1");
	render("{version: 3, extensions: {secrets: {vault: {parameters: {}, annotations: {}}}}}");
	assert_pod("initContainers.0.image", "'vault:1'");
	assert_pod("automountServiceAccountToken", "true");
	render("{version: 3, extensions: {secrets: {nobody: {parameters: {}, annotations: {}}}}}");
	assert_pod("automountServiceAccountToken", "false");
	option("secret-init-containers=default=other:1");
	render("{version: 3}");
	assert_pod("initContainers.0.image", "'other:1'");
	assert_pod("automountServiceAccountToken", "false");
}

static void
test_secrets__two_known_types_are_both_applied(void **state)
{
	static const char *const both[] = {"secret-init-containers=a=a:1", "secret-init-containers=b=b:1"};
	(void)state;
	options_many(both, 2);
	render("{version: 3, extensions: {secrets: {b: {parameters: {}, annotations: {}},"
	       " a: {parameters: {}, annotations: {}}}}}");
	assert_pod("initContainers.0.image", "'b:1'");
	assert_pod("initContainers.1.image", "'a:1'");
	assert_pod("volumes.2.name", "'shop-secret'");
}

/* ---- metrics ---- */

static void
test_prometheus__port_may_be_a_number_or_a_name(void **state)
{
	static const struct {
		const char *port, *expected;
	} rows[] = {{"9090", "'9090'"}, {"'9090'", "'9090'"}, {"http", "'8080'"}, {"t", "'7'"},
	            {"nobody", "absent"}};
	(void)state;
	for (size_t i = 0; i < array_length(rows); i++) {
		render(arena_printf(&arena,
		                    "{version: 3, ports: [{}, {name: t, protocol: tcp, target_port: 7}],"
		                    " healthchecks: {liveness: {tcp: {port: 1}}},"
		                    " metrics: {prometheus: {port: %s}}}", rows[i].port));
		assert_pod_metadata("annotations.prometheus\\.io/port", rows[i].expected);
		assert_pod_metadata("annotations.prometheus\\.io/scrape",
		                    rows[i].expected[0] == '\'' ? "'true'" : "absent");
	}
}

static void
test_prometheus__is_scraped_when_enabled_is_truthy(void **state)
{
	(void)state;
	render("{version: 3, metrics: {prometheus: {enabled: false}}}");
	assert_pod_metadata("annotations", "absent");
	render("{version: 3, metrics: {prometheus: {enabled: 'YES', path: /m}}}");
	assert_pod_metadata("annotations.prometheus\\.io/scrape", "'yes'");
	assert_pod_metadata("annotations.prometheus\\.io/path", "'/m'");
	render("{version: 3, ports: [{name: web}], ingress: []}");
	assert_pod_metadata("annotations", "absent");
}

static void
test_datadog__is_a_second_container(void **state)
{
	static const char *const tags[] = {"datadog-global-tags=team=platform", "datadog-global-tags=zone=a"};
	(void)state;
	option("datadog-container-image=dd:latest");
	options_many(tags, 2);
	render("{version: 3, metrics: {datadog: {enabled: true, tags: {team: mine, n: 1, app: x, f: true}}}}");
	assert_pod("containers.1",
	           "{'name':'fiaas-datadog-container','image':'dd:latest','imagePullPolicy':'Always','env':["
	           "{'name':'DD_TAGS','value':'app:shop,f:True,k8s_namespace:sales,n:1,team:mine,zone:a'},"
	           "{'name':'DD_API_KEY','valueFrom':{'secretKeyRef':{'name':'datadog','key':'apikey'}}},"
	           "{'name':'NON_LOCAL_TRAFFIC','value':'false'},{'name':'DD_LOGS_STDOUT','value':'yes'},"
	           "{'name':'DD_EXPVAR_PORT','value':'42622'},{'name':'DD_CMD_PORT','value':'42623'}],"
	           "'resources':{'limits':{'cpu':'400m','memory':'2Gi'},"
	           "'requests':{'cpu':'200m','memory':'2Gi'}}}");
	assert_variable("STATSD_HOST", "localhost");
	assert_variable("STATSD_PORT", "8125");
	option("datadog-container-memory=1Gi");
	option("datadog-activate-sleep");
	option("pre-stop-delay=7");
	render("{version: 3, metrics: {datadog: {enabled: true}}}");
	assert_pod("containers.1.resources.limits.memory", "'1Gi'");
	assert_pod("containers.1.lifecycle", "{'preStop':{'exec':{'command':['sleep','12']}}}");
	render("{version: 3}");
	assert_pod("containers.1", "absent");
}

/* ---- Service ---- */

static void
test_service__has_every_port_and_names_the_tcp_ones(void **state)
{
	(void)state;
	render("{version: 3, ports: [{}, {name: t, protocol: tcp, port: 7, target_port: 8}, {name: u,"
	       " protocol: tcp, port: 9}], healthchecks: {liveness: {tcp: {port: 1}}}}");
	assert_at("Service", 0, "spec",
	          "{'type':'ClusterIP','selector':{'app':'shop'},'sessionAffinity':'None','ports':["
	          "{'name':'http','protocol':'TCP','port':80,'targetPort':8080},"
	          "{'name':'t','protocol':'TCP','port':7,'targetPort':8},"
	          "{'name':'u','protocol':'TCP','port':9,'targetPort':8080}]}");
	assert_at("Service", 0, "metadata.annotations", "{'fiaas/tcp_port_names':'t,u'}");
	render("{version: 3, ports: [{protocol: udp}], healthchecks: {liveness: {execute: {command: a}}}}");
	assert_at("Service", 0, "spec.ports.0.protocol", "'TCP'");
	assert_at("Service", 0, "metadata.annotations", "absent");
	render("{version: 3, ports: [], healthchecks: {liveness: {execute: {command: a}}}}");
	assert_absent("Service");
}

static void
test_service__node_ports_are_kept_by_name(void **state)
{
	json_t *live = yaml("{spec: {ports: [{name: a, nodePort: 30001}, {name: http, nodePort: 30002}]}}");
	(void)state;
	cluster.live_service = live;
	option("service-type=NodePort");
	render("{version: 3}");
	assert_at("Service", 0, "spec.ports.0.nodePort", "30002");
	assert_at("Service", 0, "spec.type", "'NodePort'");
	json_decref(live);
}

/* ---- autoscaler, disruption budget, service account ---- */

static void
test_autoscaler__needs_a_range_and_a_cpu_request(void **state)
{
	(void)state;
	render("{version: 3, replicas: {minimum: 3, maximum: 9, cpu_threshold_percentage: 75}}");
	assert_at("HorizontalPodAutoscaler", 0, "spec",
	          "{'scaleTargetRef':{'apiVersion':'apps/v1','kind':'Deployment','name':'shop'},"
	          "'minReplicas':3,'maxReplicas':9,'targetCPUUtilizationPercentage':75}");
	assert_at("HorizontalPodAutoscaler", 0, "apiVersion", "'autoscaling/v1'");
	render("{version: 3, replicas: {minimum: 3, maximum: 3}}");
	assert_absent("HorizontalPodAutoscaler");
	render("{version: 3, replicas: {minimum: 0, maximum: 1}}");
	assert_absent("HorizontalPodAutoscaler");
	render("{version: 2, autoscaler: {enabled: true}, replicas: 5}");
	assert_absent("HorizontalPodAutoscaler");
	render("{version: 2, autoscaler: {enabled: true}, replicas: 5, resources: {requests: {cpu: 1}}}");
	assert_at("HorizontalPodAutoscaler", 0, "spec.maxReplicas", "5");
}

static void
test_disruption_budget__depends_on_the_minimum(void **state)
{
	(void)state;
	render("{version: 3, replicas: {minimum: 2, maximum: 2}}");
	assert_at("PodDisruptionBudget", 0, "spec",
	          "{'maxUnavailable':1,'selector':{'matchLabels':{'app':'shop'}},"
	          "'unhealthyPodEvictionPolicy':'IfHealthyBudget'}");
	render("{version: 3, replicas: {minimum: 1}}");
	assert_absent("PodDisruptionBudget");
	option("pdb-max-unavailable=2");
	render("{version: 3, replicas: {minimum: 3}}");
	assert_at("PodDisruptionBudget", 0, "spec.maxUnavailable", "2");
	render("{version: 3, replicas: {minimum: 2}}");
	assert_at("PodDisruptionBudget", 0, "spec.maxUnavailable", "1");
	option("pdb-max-unavailable=10%");
	render("{version: 3, replicas: {minimum: 2}}");
	assert_at("PodDisruptionBudget", 0, "spec.maxUnavailable", "'10%'");
}

static void
test_service_account__copies_the_default_ones_pull_secrets(void **state)
{
	json_t *pull_secrets = yaml("[{name: pull}]");
	(void)state;
	option("enable-service-account-per-app");
	render("{version: 3}");
	assert_at("ServiceAccount", 0, "imagePullSecrets", "absent");
	assert_pod("serviceAccountName", "'shop'");
	assert_absent("RoleBinding");
	cluster.default_image_pull_secrets = pull_secrets;
	render("{version: 3}");
	assert_at("ServiceAccount", 0, "imagePullSecrets", "[{'name':'pull'}]");
	json_decref(pull_secrets);
}

static void
test_role_bindings__one_a_role(void **state)
{
	static const char *const roles[] = {"list-of-roles=a", "list-of-roles=b", "list-of-cluster-roles=c"};
	(void)state;
	options_many(roles, array_length(roles));
	render("{version: 3}");
	assert_absent("RoleBinding");
	option("enable-service-account-per-app");
	render("{version: 3}");
	assert_at("RoleBinding", 1, "roleRef",
	          "{'apiGroup':'rbac.authorization.k8s.io','kind':'Role','name':'b'}");
	assert_at("RoleBinding", 2, "roleRef",
	          "{'apiGroup':'rbac.authorization.k8s.io','kind':'ClusterRole','name':'c'}");
	assert_at("RoleBinding", 0, "subjects", "[{'kind':'ServiceAccount','name':'shop','namespace':'sales'}]");
	assert_at("RoleBinding", 0, "metadata.generateName", "'shop-'");
	assert_at("RoleBinding", 0, "metadata.name", "absent");
}

/* ---- one row a cluster option that no test above turns ---- */

struct option_effect {
	const char *assignment, *kind, *path, *value;
};

static const struct option_effect option_effects[] = {
	{"log-format=json", "Deployment", "spec.template.spec.containers.0.env.13",
	 "{'name':'LOG_FORMAT','value':'json'}"},
	{"environment=dev", "Deployment", "spec.template.spec.containers.0.env.1",
	 "{'name':'CONSTRETTO_TAGS','value':'kubernetes-dev,kubernetes,dev'}"},
	{"infrastructure=gke", "Deployment", "spec.template.spec.containers.0.env.4",
	 "{'name':'FIAAS_INFRASTRUCTURE','value':'gke'}"},
	{"service-type=LoadBalancer", "Service", "spec.type", "'LoadBalancer'"},
	{"ingress-suffix=a.example", "Ingress", "spec.rules.0.host", "'shop.a.example'"},
	{"disable-deprecated-managed-env-vars", "Deployment", "spec.template.spec.containers.0.env.0.name",
	 "'CONSTRETTO_TAGS'"},
	{"pre-stop-delay=5", "Deployment", "spec.template.spec.containers.0.lifecycle",
	 "{'preStop':{'exec':{'command':['sleep','5']}}}"},
	{"pre-stop-delay=5", "Deployment", "spec.template.spec.terminationGracePeriodSeconds", "35"},
	{"use-in-memory-emptydirs", "Deployment", "spec.template.spec.volumes.2",
	 "{'name':'tmp','emptyDir':{'medium':'Memory'}}"},
	{"deployment-max-surge=2", "Deployment", "spec.strategy.rollingUpdate.maxSurge", "2"},
	{"deployment-max-unavailable=1", "Deployment", "spec.strategy.rollingUpdate.maxUnavailable", "1"},
	{"pdb-unhealthy-pod-eviction-policy=AlwaysAllow", "PodDisruptionBudget",
	 "spec.unhealthyPodEvictionPolicy", "'AlwaysAllow'"},
	{"disable-service-links", "Deployment", "spec.template.spec.enableServiceLinks", "false"},
	{"dns-search-domains=a.b", "Deployment", "spec.template.spec.dnsConfig", "{'searches':['a.b']}"},
	{"enable-service-account-per-app", "ServiceAccount", "metadata.name", "'shop'"},
	{"fiaas-version=7", "Service", "metadata.labels.fiaas/deployed_by", "'7'"},
};

static void
test_options__change_what_they_are_for(void **state)
{
	(void)state;
	for (size_t i = 0; i < array_length(option_effects); i++) {
		const struct option_effect *effect = &option_effects[i];
		fiaas_options_init(&options);
		render("{version: 3}");
		json_t *before = find_object(effect->kind, 0);
		char *unchanged = before == NULL || json_at(before, effect->path) == NULL
			? NULL
			: json_dumps(json_at(before, effect->path), JSON_ENCODE_ANY);
		option(effect->assignment);
		render("{version: 3}");
		assert_at(effect->kind, 0, effect->path, effect->value);
		char *after = json_dumps(json_at(find_object(effect->kind, 0), effect->path), JSON_ENCODE_ANY);
		assert_true(unchanged == NULL || strcmp(unchanged, after) != 0);
		free(unchanged);
		free(after);
	}
}

static void
test_options__in_memory_folders_hold_fetched_secrets_too(void **state)
{
	(void)state;
	option("use-in-memory-emptydirs");
	option("secrets-init-container-image=fetch:1");
	render("{version: 3}");
	assert_pod("volumes.0", "{'name':'shop-secret','emptyDir':{'medium':'Memory'}}");
	assert_pod("volumes.1.configMap.name", "'fiaas-secrets-init-container'");
}

static void
test_render__text_that_is_not_utf8_is_an_error(void **state)
{
	(void)state;
	application.name = "sh\xff";
	assert_false(render_config(yaml("{version: 3}")));
	assert_int_equal(outcome, FIAAS_DEPLOY_ERROR);
	assert_string_equal(err.why, "a name, image, id or option is not valid UTF-8");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_objects__come_in_the_operators_order),
		TEST(test_labels__managed_ones_win),
		TEST(test_annotations__managed_ones_win),
		TEST(test_labels__of_deployment_and_pod_are_apart),
		TEST(test_labels__each_object_has_its_own),
		TEST(test_version__is_what_follows_the_last_colon),
		TEST(test_owner__is_the_application_when_its_uid_is_known),
		TEST(test_deployment__replicas_live_ones_are_kept_with_an_autoscaler),
		TEST(test_deployment__a_singleton_goes_before_its_successor_comes),
		TEST(test_deployment__best_effort_namespaces_have_no_resources),
		TEST(test_deployment__pull_policy),
		TEST(test_deployment__the_pods_fixed_parts),
		TEST(test_deployment__lists_tcp_and_http_ports_alike),
		TEST(test_environment__is_sorted_by_name),
		TEST(test_environment__without_one_has_fewer_names),
		TEST(test_environment__later_sources_win_and_the_downward_api_is_appended),
		TEST(test_environment__shows_resources_and_fields),
		TEST(test_probes__execute_beats_http_beats_tcp),
		TEST(test_probes__readiness_copies_liveness_whole),
		TEST(test_probes__an_empty_check_is_not_given),
		TEST(test_probes__the_port_is_the_first_ports_name),
		TEST(test_probes__a_single_tcp_port_is_connected_to),
		TEST(test_secrets__of_a_known_type_come_from_an_init_container),
		TEST(test_secrets__of_an_unknown_type_drop_even_the_plain_secret),
		TEST(test_secrets__strongbox_is_an_entry_of_its_type),
		TEST(test_secrets__the_default_type_is_used_when_none_is_named),
		TEST(test_secrets__two_known_types_are_both_applied),
		TEST(test_prometheus__port_may_be_a_number_or_a_name),
		TEST(test_prometheus__is_scraped_when_enabled_is_truthy),
		TEST(test_datadog__is_a_second_container),
		TEST(test_service__has_every_port_and_names_the_tcp_ones),
		TEST(test_service__node_ports_are_kept_by_name),
		TEST(test_autoscaler__needs_a_range_and_a_cpu_request),
		TEST(test_disruption_budget__depends_on_the_minimum),
		TEST(test_service_account__copies_the_default_ones_pull_secrets),
		TEST(test_role_bindings__one_a_role),
		TEST(test_options__change_what_they_are_for),
		TEST(test_options__in_memory_folders_hold_fetched_secrets_too),
		TEST(test_render__text_that_is_not_utf8_is_an_error),
	};
	return cmocka_run_group_tests_name("core/fiaas/render", tests, NULL, NULL);
}
