/* Every option of the operator: type, default, choices, sentence. */
#include "core/fiaas/options.h"

#define ROW(name, type, field, initial, choices, sentence) \
	{name, FIAAS_OPTION_##type, offsetof(struct fiaas_options, field), initial, choices, sentence}
#define OTHER(name, sentence) {name, FIAAS_OPTION_OTHER, 0, NULL, NULL, sentence}

const struct fiaas_option fiaas_option_table[] = {
	ROW("log-format", CHOICE, log_format, "plain", "plain json",
	    "LOG_FORMAT of the applications"),
	ROW("environment", TEXT, environment, NULL, NULL,
	    "FIAAS_ENVIRONMENT, FINN_ENV and CONSTRETTO_TAGS of the applications"),
	ROW("infrastructure", CHOICE, infrastructure, "diy", "diy gke",
	    "FIAAS_INFRASTRUCTURE of the applications"),
	ROW("service-type", CHOICE, service_type, "ClusterIP", "ClusterIP NodePort LoadBalancer",
	    "type of every Service"),
	ROW("ingress-suffix", LIST, ingress_suffix, NULL, NULL,
	    "default hosts are NAME.SUFFIX"),
	ROW("host-rewrite-rule", PAIRS, host_rewrite_rule, NULL, NULL,
	    "PATTERN=REPLACEMENT for the hosts an application asks for; the first match is used"),
	ROW("ingress-host-pair", PAIRS, ingress_host_pair, NULL, NULL,
	    "HOST=HOST: whoever gets one gets the other too"),
	ROW("use-networkingv1-ingress", FLAG, use_networkingv1_ingress, NULL, NULL,
	    "networking.k8s.io/v1 Ingresses instead of extensions/v1beta1"),
	ROW("use-ingress-tls", CHOICE, use_ingress_tls, "disabled", "disabled default_off default_on",
	    "whether Ingresses get TLS"),
	ROW("tls-certificate-issuer", TEXT, tls_certificate_issuer, NULL, NULL,
	    "default certificate issuer"),
	ROW("tls-certificate-issuer-overrides", PAIRS, tls_certificate_issuer_overrides, NULL, NULL,
	    "SUFFIX=ISSUER for hosts with that suffix"),
	ROW("tls-certificate-issuer-type-default", TEXT, tls_certificate_issuer_type_default,
	    "certmanager.k8s.io/cluster-issuer", NULL, "annotation that names the issuer"),
	ROW("tls-certificate-issuer-type-overrides", PAIRS, tls_certificate_issuer_type_overrides, NULL,
	    NULL, "SUFFIX=ANNOTATION for hosts with that suffix"),
	ROW("enable-deprecated-tls-entry-per-host", FLAG, enable_deprecated_tls_entry_per_host, NULL,
	    NULL, "a TLS entry of its own for each host, besides the common one"),
	ROW("tls-certificate-ready", FLAG, tls_certificate_ready, NULL, NULL,
	    "the ready check waits for certificates too"),
	ROW("global-env", PAIRS, global_env, NULL, NULL,
	    "NAME=VALUE: NAME and FIAAS_NAME in every application"),
	ROW("disable-deprecated-managed-env-vars", FLAG, disable_deprecated_managed_env_vars, NULL, NULL,
	    "no ARTIFACT_NAME, IMAGE and VERSION"),
	ROW("secret-init-containers", PAIRS, secret_init_containers, NULL, NULL,
	    "TYPE=IMAGE: init container that fetches secrets of that type"),
	ROW("secrets-init-container-image", TEXT, secrets_init_container_image, NULL, NULL,
	    "init container of type default, used when an application names none"),
	ROW("secrets-service-account-name", TEXT, secrets_service_account_name, NULL, NULL,
	    "service account of pods with a secrets init container"),
	ROW("strongbox-init-container-image", TEXT, strongbox_init_container_image, NULL, NULL,
	    "init container of type strongbox"),
	ROW("datadog-container-image", TEXT, datadog_container_image, NULL, NULL,
	    "the Datadog sidecar; unset, metrics.datadog.enabled is refused"),
	ROW("datadog-container-memory", TEXT, datadog_container_memory, "2Gi", NULL,
	    "memory of the Datadog sidecar"),
	ROW("datadog-global-tags", PAIRS, datadog_global_tags, NULL, NULL,
	    "TAG=VALUE in DD_TAGS of every sidecar"),
	ROW("datadog-activate-sleep", FLAG, datadog_activate_sleep, NULL, NULL,
	    "the sidecar stops 5 seconds after the application"),
	ROW("pre-stop-delay", NUMBER, pre_stop_delay, "0", NULL,
	    "seconds a container sleeps before it is stopped"),
	ROW("use-in-memory-emptydirs", FLAG, use_in_memory_emptydirs, NULL, NULL,
	    "/tmp and fetched secrets are kept in memory"),
	ROW("deployment-max-surge", INT_OR_TEXT, deployment_max_surge, "25%", NULL,
	    "maxSurge of rolling updates"),
	ROW("deployment-max-unavailable", INT_OR_TEXT, deployment_max_unavailable, "0", NULL,
	    "maxUnavailable of rolling updates"),
	ROW("pdb-max-unavailable", INT_OR_TEXT, pdb_max_unavailable, "1", NULL,
	    "maxUnavailable of disruption budgets"),
	ROW("pdb-unhealthy-pod-eviction-policy", CHOICE, pdb_unhealthy_pod_eviction_policy,
	    "IfHealthyBudget", "IfHealthyBudget AlwaysAllow",
	    "unhealthyPodEvictionPolicy of disruption budgets"),
	ROW("disable-service-links", FLAG, disable_service_links, NULL, NULL,
	    "no environment variables for other Services"),
	ROW("dns-search-domains", LIST, dns_search_domains, NULL, NULL,
	    "DNS search domains of every pod"),
	ROW("enable-service-account-per-app", FLAG, enable_service_account_per_app, NULL, NULL,
	    "a ServiceAccount, and its RoleBindings, for each application"),
	ROW("list-of-roles", LIST, list_of_roles, NULL, NULL,
	    "Roles bound to each application's service account"),
	ROW("list-of-cluster-roles", LIST, list_of_cluster_roles, NULL, NULL,
	    "ClusterRoles bound to each application's service account"),
	ROW("ready-check-timeout-multiplier", NUMBER, ready_check_timeout_multiplier, "10", NULL,
	    "time-out = this * readiness delay * replicas"),
	ROW("extension-hook-url", TEXT, extension_hook_url, NULL, NULL,
	    "a service that may change every object before it is written"),
	ROW("include-status-in-app", FLAG, include_status_in_app, NULL, NULL,
	    "the result is written to the Application's status too"),
	ROW("fiaas-version", TEXT, fiaas_version, NULL, NULL,
	    "FDD's own version, for the label fiaas/deployed_by (its environment, not an option)"),
	OTHER("api-cert", "CA of the API server"),
	OTHER("api-server", "address of the API server"),
	OTHER("api-token", "token for the API server"),
	OTHER("client-cert", "client certificate for the API server"),
	OTHER("client-key", "key of the client certificate"),
	OTHER("debug", "verbose logs"),
	OTHER("disable-crd-creation", "custom resource definitions are made by somebody else"),
	OTHER("enable-crd-support", "watch Applications"),
	OTHER("enable-deprecated-multi-namespace-support", "watch all namespaces"),
	OTHER("port", "port of the web interface"),
	OTHER("proxy", "proxy for outgoing HTTP"),
	OTHER("secrets-directory", "folder of the usage reporting key"),
	OTHER("usage-reporting-cluster-name", "cluster name in usage events"),
	OTHER("usage-reporting-endpoint", "receiver of usage events"),
	OTHER("usage-reporting-operator", "operator in usage events"),
	OTHER("usage-reporting-team", "team in usage events"),
	OTHER("usage-reporting-tenant", "tenant in usage events"),
	OTHER("use-apiextensionsv1-crd", "apiextensions/v1 custom resource definitions"),
};
const size_t n_fiaas_option_table = array_length(fiaas_option_table);
_Static_assert(array_length(fiaas_option_table) <= FIAAS_OPTIONS_MAX, "grow FIAAS_OPTIONS_MAX");

static bool
is_same_name(const char *a, const char *b)
{
	for (; *a != '\0' && *b != '\0'; a++, b++)
		if ((*a == '_' ? '-' : *a) != (*b == '_' ? '-' : *b))
			return false;
	return *a == *b;
}

const struct fiaas_option *
fiaas_option_find(const char *name)
{
	for (size_t i = 0; i < n_fiaas_option_table; i++)
		if (is_same_name(fiaas_option_table[i].name, name))
			return &fiaas_option_table[i];
	return NULL;
}
