/* Every rule that a file can break, once: _(CONSTANT, name, sentence, why, remedy, example).
 *
 * Names are interface (JSON, SARIF, annotations); `paas help RULE` prints the rest.  An example is a file
 * that breaks the rule: a fiaas.yml of version 3, unless its first line names another file ("# platform.yml");
 * that line may be the command that tells ("# paas validate --notes").  A case runs all but those that begin
 * with "$ ".
 */
#ifndef PAAS_DATA_PROBLEM_TABLE_H
#define PAAS_DATA_PROBLEM_TABLE_H

#define PROBLEM_RULES(_) \
	/* ---- any file ---- */ \
	_(UNREADABLE, "unreadable", "The file cannot be read, or is not YAML", \
	  "It is missing, too large, not text in UTF-8, or its indentation, quotes or brackets do not fit together. " \
	  "Nothing in it was looked at.", \
	  "Mend the place in the message. Tabs do not indent in YAML, and a text with \": \" in it needs quotes.", \
	  "replicas: {maximum: 2\n") \
	_(UNKNOWN_KEY, "unknown-key", "A key that nobody reads", \
	  "The operator ignores keys it does not know, so a key with a slip of the pen acts as if it were not there, " \
	  "and the default holds.", \
	  "Take the name the message suggests, or remove the key. `paas help --schema fiaas` gives editors all names.", \
	  "replica:\n  maximum: 2\n") \
	_(WRONG_VALUE, "wrong-value", "A value that its key cannot have", \
	  "The key takes another kind of value, or one of a few. A file with such a value is not used.", \
	  "The message says what the key takes; platform.yml(5), config.yml(5) and paas.yml(5) list the values of each.", \
	  "# config.yml\nnotify: sometimes\n") \
	_(MISSING_KEY, "missing-key", "A key that must be there is not", \
	  "Without it the file does not say enough: a platform file needs environments, and each of them a cluster.", \
	  "Add the key.", \
	  "# platform.yml\nversion: 1\nclusters:\n  c1: {server: https://c1.acme.example}\n") \
	_(DUPLICATE, "duplicate", "Two items have the same name", \
	  "--env NAME would mean two things.", \
	  "Give one of them another name.", \
	  "# platform.yml\nversion: 1\nclusters:\n  c1: {server: https://c1.acme.example}\n" \
	  "environments:\n  - {name: dev, cluster: c1}\n  - {name: dev, cluster: c1}\n") \
	/* ---- settings, .paas.yml, platform.yml ---- */ \
	_(UNKNOWN_CLUSTER, "unknown-cluster", "An environment names a cluster that is not described", \
	  "What `cluster` of an environment says must be a key under `clusters` of the same file.", \
	  "Describe the cluster, or mend the name.", \
	  "# platform.yml\nversion: 1\nclusters:\n  c1: {server: https://c1.acme.example}\n" \
	  "environments:\n  - {name: dev, cluster: c2}\n") \
	_(FOREIGN_FILE, "foreign-file", "A .paas.yml that belongs to somebody else", \
	  "A file in a shared folder such as /tmp could make paas deploy where another user likes. It is not read.", \
	  "Work in a folder of your own, or make the file yours (chown).", \
	  "$ cd /tmp && paas config check\n" \
	  "/tmp/.paas.yml: warning: belongs to another user and is not read\n") \
	_(UNTRUSTED_FILE, "untrusted-file", "A platform file that cannot be trusted", \
	  "A platform file says where credentials are sent. One that others may write, that belongs to another user, or " \
	  "whose signature or pinned digest does not fit is not used.", \
	  "Read the message. `paas config list --show-origin` says which file it is; ask the platform team for the right one.", \
	  "$ chmod o+w platform.yml && paas config check platform.yml\n") \
	_(MISSING_FILE, "missing-file", "A file that another one names cannot be read", \
	  "The certificate authority or kubeconfig of a cluster, or the platform file of the settings, is not there or not " \
	  "readable for you.", \
	  "Put it there, or mend the path. Relative paths begin at the folder of the file that names them.", \
	  "# platform.yml\nversion: 1\nclusters:\n  c1: {server: https://c1.acme.example, ca_file: gone.pem}\n" \
	  "environments:\n  - {name: dev, cluster: c1, namespace: shop}\n") \
	_(FIAAS_OPTION, "fiaas-option", "The operator has no such option, or not with this value", \
	  "`fiaas` of a cluster repeats the command line of its FIAAS operator, so that paas renders as the operator does.", \
	  "Copy the option from the operator's Deployment, without the dashes.", \
	  "# platform.yml\nversion: 1\nclusters:\n  c1:\n    server: https://c1.acme.example\n    fiaas: {no-such-option: 1}\n" \
	  "environments:\n  - {name: dev, cluster: c1, namespace: shop}\n") \
	/* ---- fiaas.yml: keys and values ---- */ \
	_(REFUSED, "refused", "The operator refuses the application", \
	  "The operator stops at this value; the message is its own. A deploy would end as FAILED.", \
	  "Mend the value in the place the message begins with.", \
	  "ports:\n  - {protocol: tcp, port: 7000, target_port: 7000}\n  - {protocol: tcp, port: 7001, target_port: 7001}\n") \
	_(YAML_1_1, "yaml-1.1", "A value means something else in YAML 1.1", \
	  "The operator reads YAML 1.1, in which no, on and y are booleans, 010 is eight and 1:30 is ninety. Editors and " \
	  "other tools often read YAML 1.2, in which they are not.", \
	  "Quote what is text; write numbers in plain decimal and booleans as true and false.", \
	  "ports:\n  - {name: http, port: 0120, target_port: 8080}\n") \
	_(WRONG_TYPE, "wrong-type", "A value of the wrong type", \
	  "The operator checks no types: it fails later with an error of Python, or carries the value on in a form that " \
	  "nobody meant.", \
	  "Write the type the message names, with quotes where text is wanted.", \
	  "replicas:\n  maximum: many\n") \
	_(OUT_OF_RANGE, "out-of-range", "A number that is too small or too large", \
	  "The API server would refuse the object, after the operator has begun with the others.", \
	  "Write a number of the range in the message.", \
	  "ports:\n  - {name: http, port: 70000, target_port: 8080}\n") \
	_(NO_TEMPLATES, "no-templates", "A placeholder that nothing fills in", \
	  "FIAAS has no templates: ${NAME} and {{ name }} arrive in the cluster as they are written.", \
	  "Write the value itself, or let the build write the file.", \
	  "labels:\n  deployment:\n    team: \"{{ team }}\"\n") \
	_(BAD_QUANTITY, "bad-quantity", "An amount of CPU or memory that Kubernetes does not read", \
	  "Amounts are numbers with a unit: 500m or 2 of CPU, 512Mi or 2Gi of memory. Units keep their case.", \
	  "Write the amount with one of those units.", \
	  "resources:\n  limits: {memory: 512MB}\n") \
	_(ODD_QUANTITY, "odd-quantity", "An amount that is hardly meant", \
	  "m is a thousandth, of memory too: 512m is half a byte. A number without unit is bytes of memory or whole " \
	  "processors.", \
	  "Write the unit the message suggests.", \
	  "resources:\n  limits: {memory: 512m}\n") \
	_(NOT_TEXT, "not-text", "A label or annotation that is no text", \
	  "Kubernetes takes only text there, and true or 8080 without quotes is none.", \
	  "Quote it.", \
	  "annotations:\n  deployment:\n    example.com/debug: true\n") \
	_(BAD_LABEL, "bad-label", "A label that Kubernetes refuses", \
	  "A label has at most 63 letters, digits, -, _ and ., beginning and ending with a letter or digit; its key may " \
	  "have a domain and a / before it.", \
	  "Shorten it or change the sign; longer texts go into annotations.", \
	  "labels:\n  deployment:\n    team: \"web and mail\"\n") \
	_(FALSY_VALUE, "falsy-value", "An empty value counts as not given", \
	  "The operator takes 0, \"\" and false for a map or list as if the key were not there: every default of it applies.", \
	  "Remove the key, or write {} or [] when nothing is meant.", \
	  "ingress: \"\"\n") \
	_(NULL_IS_DEFAULT, "null-is-default", "null means the default", \
	  "A key without value is the same as no key. It does not switch a thing off.", \
	  "Remove the key, or write the value that is meant.", \
	  "resources:\n  limits: {cpu: null}\n") \
	_(WITHOUT_EFFECT, "without-effect", "A key that does nothing", \
	  "The operator accepts the key and uses it nowhere, or not in this version of the file.", \
	  "Remove it.", \
	  "version: 2\nhealthchecks:\n  liveness: {failure_threshold: 5}\n") \
	_(TLS_FALSE, "tls-false", "extensions.tls: false is ignored", \
	  "Only a map or true is looked at, so false leaves the cluster's default, which may be on.", \
	  "Write {enabled: false}.", \
	  "extensions:\n  tls: false\n") \
	/* ---- fiaas.yml: replicas, resources ---- */ \
	_(MINIMUM_ABOVE_MAXIMUM, "minimum-above-maximum", "More replicas at least than at most", \
	  "The operator lowers the minimum to the maximum without a word, so there is no autoscaler.", \
	  "Raise maximum or lower minimum.", \
	  "replicas: {minimum: 5, maximum: 2}\n") \
	_(MINIMUM_ZERO, "minimum-zero", "An autoscaler with a minimum of 0", \
	  "Most clusters refuse a HorizontalPodAutoscaler that may go to 0 pods.", \
	  "Write minimum: 1; to stop the application, set minimum and maximum to 0.", \
	  "replicas: {minimum: 0, maximum: 2}\n") \
	_(SINGLETON, "singleton", "Each deploy stops the only pod first", \
	  "With maximum: 1 the application is a singleton unless it says otherwise: the old pod ends before the new one " \
	  "starts, and nothing answers meanwhile.", \
	  "Set singleton: false when two pods at once do no harm.", \
	  "replicas: {minimum: 1, maximum: 1}\n") \
	_(SINGLETON_UNUSED, "singleton-unused", "singleton counts only with a maximum of 1", \
	  "With more pods there is always one beside another.", \
	  "Remove it, or set maximum: 1.", \
	  "replicas: {minimum: 2, maximum: 3, singleton: true}\n") \
	_(NO_DISRUPTION_BUDGET, "no-disruption-budget", "Nothing keeps a pod alive when a node is drained", \
	  "The operator makes a PodDisruptionBudget only with a minimum of 2 or more; maximum does not count.", \
	  "Set minimum: 2.", \
	  "replicas: {minimum: 1, maximum: 3}\n") \
	_(LIVE_REPLICAS_KEPT, "live-replicas-kept", "A deploy keeps the number of pods the autoscaler chose", \
	  "Where minimum is below maximum an autoscaler is at work, and a deploy takes over what it chose last.", \
	  "Nothing need be done. To have an exact number, write the same minimum and maximum.", \
	  "replicas: {minimum: 2, maximum: 5}\n") \
	_(REQUEST_ABOVE_LIMIT, "request-above-limit", "A request above its limit", \
	  "The API server refuses a container that asks for more than it may use. The other half may be a default.", \
	  "Raise the limit or lower the request.", \
	  "resources:\n  requests: {memory: 2Gi}\n  limits: {memory: 1Gi}\n") \
	/* ---- fiaas.yml: labels, annotations, extensions ---- */ \
	_(MANAGED_LABEL, "managed-label", "A label that the operator sets itself", \
	  "It finds its pods by these labels, so what the file says is overwritten.", \
	  "Remove it, or take a name of your own.", \
	  "labels:\n  deployment:\n    app: shop\n") \
	_(MANAGED_ANNOTATION, "managed-annotation", "An annotation that the operator sets itself", \
	  "What the file says is overwritten.", \
	  "Remove it; the key of fiaas.yml that stands for it (metrics, ingress, ...) sets it.", \
	  "ingress:\n  - host: shop.acme.example\n    annotations: {fiaas/expose: \"true\"}\n") \
	_(UNKNOWN_SECRETS_TYPE, "unknown-secrets-type", "A kind of secrets the cluster does not have", \
	  "Secrets other than the plain Secret come from an init container that the operator must be told of. Without it " \
	  "the application starts with no secrets at all.", \
	  "Use a type of the cluster, or have secret-init-containers set for its operator.", \
	  "# paas validate --set-fiaas ingress-suffix=acme.example\nextensions:\n  secrets:\n" \
	  "    vault: {parameters: {}, annotations: {}}\n") \
	_(SEVERAL_SECRETS, "several-secrets", "Two kinds of secrets at once", \
	  "Their init containers get the same name, which the API server refuses.", \
	  "Keep one.", \
	  "# paas validate --set-fiaas secret-init-containers=a=image:1 \\\n" \
	  "#   --set-fiaas secret-init-containers=b=image:2\nextensions:\n  secrets:\n" \
	  "    a: {parameters: {}, annotations: {}}\n    b: {parameters: {}, annotations: {}}\n") \
	_(MANAGED_VARIABLE, "managed-variable", "A variable that the operator sets itself", \
	  "K8S_DEPLOYMENT is added to the init container after the parameters, so it is there twice.", \
	  "Remove it.", \
	  "extensions:\n  secrets:\n    vault: {parameters: {K8S_DEPLOYMENT: shop}, annotations: {}}\n") \
	_(STRONGBOX_OFF, "strongbox-off", "Strongbox needs iam_role and groups", \
	  "With only one of the two no secrets are fetched.", \
	  "Give both, or remove the section.", \
	  "extensions:\n  strongbox: {iam_role: \"arn:aws:iam::1:role/shop\"}\n") \
	_(GROUPS_NOT_LIST, "groups-not-list", "groups is a text, not a list", \
	  "Python takes a text for a list of its characters, so \"shop\" becomes s,h,o,p.", \
	  "Write a list: [shop].", \
	  "extensions:\n  strongbox: {iam_role: \"arn:aws:iam::1:role/shop\", groups: shop}\n") \
	_(TLS_DISABLED, "tls-disabled", "The cluster makes no TLS for Ingresses", \
	  "Its operator runs without use-ingress-tls, so extensions.tls does nothing.", \
	  "Remove the section, or have TLS enabled for the cluster.", \
	  "# paas validate --set-fiaas ingress-suffix=acme.example\nextensions:\n  tls: {enabled: true}\n") \
	/* ---- fiaas.yml: version 2 ---- */ \
	_(VERSION_2, "version-2", "Version 2 of fiaas.yml is deprecated", \
	  "New keys come to version 3 only.", \
	  "`paas init --migrate` writes the file anew in version 3.", \
	  "version: 2\n") \
	_(VERSION_2_DEFAULT, "version-2-default", "A default that version 3 changed", \
	  "target_port is 80 in version 2 and 8080 in version 3.", \
	  "Write target_port, so that moving to version 3 changes nothing.", \
	  "version: 2\nports:\n  - {protocol: http, name: http, port: 80}\n") \
	_(NO_AUTOSCALER, "no-autoscaler", "No autoscaler without a request for CPU", \
	  "It compares what pods use with what they request.", \
	  "Set resources.requests.cpu.", \
	  "version: 2\nautoscaler: {enabled: true, min_replicas: 2}\nreplicas: 4\n") \
	/* ---- fiaas.yml: name, version ---- */ \
	_(BAD_NAME, "bad-name", "A name that no application can have", \
	  "Objects of Kubernetes are named after it: lower-case letters, digits and -, not at the ends.", \
	  "Give another with --name or name in .paas.yml.", \
	  "# paas validate --name Shop_2\nversion: 3\n") \
	_(BAD_VERSION_LABEL, "bad-version-label", "A tag that cannot be a label", \
	  "The operator puts what follows the last \":\" of the image into the label fiaas/version, and labels have at most " \
	  "63 plain characters.", \
	  "Deploy by a short tag, not by digest.", \
	  "# paas validate --image shop:2026.11.26+build.7\nversion: 3\n") \
	/* ---- fiaas.yml: ports and checks ---- */ \
	_(UNKNOWN_PROTOCOL, "unknown-protocol", "A protocol that is neither http nor tcp", \
	  "The port goes to the Service, but gets no Ingress and no default check.", \
	  "Write http or tcp.", \
	  "ports:\n  - {protocol: grpc, name: grpc, port: 9000, target_port: 9000}\n" \
	  "healthchecks:\n  liveness: {tcp: {port: grpc}}\n") \
	_(BAD_PORT_NAME, "bad-port-name", "A name that no port can have", \
	  "Kubernetes takes at most 15 lower-case letters, digits and -, with at least one letter.", \
	  "Shorten it.", \
	  "ports:\n  - {protocol: http, name: HTTP_main, port: 80, target_port: 8080}\n" \
	  "healthchecks:\n  liveness: {http: {path: /, port: HTTP_main}}\n") \
	_(DUPLICATE_PORT, "duplicate-port", "Two ports of the same name or number", \
	  "The API server refuses the Service.", \
	  "Change one of them.", \
	  "ports:\n  - {protocol: http, name: http, port: 80, target_port: 8080}\n" \
	  "  - {protocol: tcp, name: admin, port: 80, target_port: 9000}\n" \
	  "healthchecks:\n  liveness: {http: {path: /, port: http}}\n") \
	_(TCP_PORT_RANGE, "tcp-port-range", "A tcp port outside the documented range", \
	  "FIAAS documents 1024 to 32767 for tcp; others may clash with what the cluster uses.", \
	  "Choose a port of the range, unless your cluster is known to take it.", \
	  "ports:\n  - {protocol: tcp, name: main, port: 100, target_port: 9000}\n") \
	_(WRONG_PORT, "wrong-port", "A check or scrape of a port the container does not have", \
	  "port is that of the Service, target_port that of the container; checks go to the container.", \
	  "Write the port's name, which fits both.", \
	  "ports:\n  - {protocol: http, name: http, port: 80, target_port: 8080}\n" \
	  "healthchecks:\n  liveness: {http: {path: /, port: 80}}\n") \
	_(NO_SUCH_PORT, "no-such-port", "A port is named that is not there", \
	  "A check of it fails for ever; metrics of it are silently off.", \
	  "Name a port of the section ports.", \
	  "healthchecks:\n  liveness: {http: {path: /, port: main}}\n") \
	_(EMPTY_CHECK, "empty-check", "A check without anything in it", \
	  "{} counts as not given, so the default check is made.", \
	  "Say its port or path, or remove it.", \
	  "healthchecks:\n  liveness: {http: {}}\n") \
	_(SEVERAL_CHECKS, "several-checks", "Several checks where one is used", \
	  "A probe has one: http, tcp or execute. The operator takes the first it knows and ignores the others.", \
	  "Keep one.", \
	  "healthchecks:\n  liveness: {http: {path: /}, tcp: {port: http}}\n") \
	_(BAD_COMMAND, "bad-command", "A command with an open quote", \
	  "The operator splits the command as a shell does, and fails at a quote without its partner.", \
	  "Close the quote.", \
	  "healthchecks:\n  liveness: {execute: {command: \"sh -c 'test\"}}\n") \
	_(BAD_THRESHOLD, "bad-threshold", "A liveness probe with success_threshold", \
	  "The API server accepts nothing but 1 for liveness.", \
	  "Write 1, or remove it.", \
	  "healthchecks:\n  liveness: {http: {path: /}, success_threshold: 2}\n") \
	_(NO_TIME_TO_START, "no-time-to-start", "Probes begin at once", \
	  "With initial_delay_seconds: 0 the first probes meet an application that has not started.", \
	  "Give the seconds it takes to start.", \
	  "healthchecks:\n  liveness: {http: {path: /}, initial_delay_seconds: 0}\n") \
	_(READINESS_COPIES_LIVENESS, "readiness-copies-liveness", "Readiness is a copy of liveness", \
	  "Without a readiness of its own it asks the same path, so a pod that is busy or waits for others is restarted " \
	  "instead of spared.", \
	  "Add readiness with its own path.", \
	  "healthchecks:\n  liveness: {http: {path: /health}}\n") \
	/* ---- fiaas.yml: ingress ---- */ \
	_(DUPLICATE_ROUTE, "duplicate-route", "Two items serve the same path of a host", \
	  "Which of them answers depends on the ingress controller.", \
	  "Remove one.", \
	  "ingress:\n  - {host: shop.acme.example}\n  - {host: shop.acme.example}\n") \
	_(BAD_HOST, "bad-host", "No host name", \
	  "Host names are lower-case letters, digits, - and dots, without a scheme or path.", \
	  "Write the name alone: shop.acme.example.", \
	  "ingress:\n  - {host: \"https://shop.acme.example\"}\n") \
	_(LONG_HOST, "long-host", "A host too long for a certificate", \
	  "A common name ends at 64 characters. The operator adds a short host to the default Ingress for that, and to no " \
	  "other.", \
	  "Shorten the host, or take the annotations out of the item.", \
	  "# paas validate --notes --set-fiaas use-ingress-tls=default_on\ningress:\n" \
	  "  - host: shop.acme.example\n" \
	  "  - host: a-very-long-name-of-a-shop-in-the-north.payments-eu-1.acme.example\n" \
	  "    annotations: {example.com/a: b}\nextensions:\n  tls: {enabled: true}\n") \
	_(ANNOTATED_WITHOUT_HOST, "annotated-without-host", "An item of ingress that vanishes", \
	  "An item with annotations becomes an Ingress of its own, and without a host there is none.", \
	  "Give it a host.", \
	  "ingress:\n  - paths: [{path: /a}]\n    annotations: {example.com/a: b}\n") \
	_(DEFAULT_HOSTS_TOO, "default-hosts-too", "Paths are served on the default hosts too", \
	  "The operator adds the cluster's default hosts to the paths of every item without annotations.", \
	  "Nothing need be done, unless these paths are for one host only.", \
	  "# paas validate --notes --set-fiaas ingress-suffix=acme.example\ningress:\n" \
	  "  - host: shop.example\n    paths: [{path: /a}]\n") \
	_(NO_INGRESS, "no-ingress", "No Ingress is made", \
	  "The cluster has no default hosts, and no item without annotations names one.", \
	  "Give an item a host.", \
	  "# paas validate --set-fiaas log-format=json\ningress:\n  - paths: [{path: /}]\n") \
	_(NO_HTTP_PORT, "no-http-port", "An Ingress without a port named http", \
	  "The operator sends what comes in by default to the port of that name, and stops when there is none.", \
	  "Name a port http.", \
	  "ports:\n  - {protocol: http, name: web, port: 80, target_port: 8080}\n" \
	  "ingress:\n  - host: shop.acme.example\n    annotations: {example.com/a: b}\n" \
	  "healthchecks:\n  liveness: {http: {path: /, port: web}}\n") \
	_(INGRESS_DROPPED, "ingress-dropped", "ingress without an http port is dropped", \
	  "Without a port of protocol http nobody can be reached by HTTP, and the section is not even read.", \
	  "Add an http port, or remove the section.", \
	  "ports:\n  - {protocol: tcp, name: main, port: 7000, target_port: 7000}\n" \
	  "ingress:\n  - {host: shop.acme.example}\n")

#endif
