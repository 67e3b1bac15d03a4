/* The sample application's pipelines as somebody would have saved them, and what ran long ago. */
#include "sandbox/spinnaker/parts.h"

/* A stage that brings an Application into the cluster, at this place of the graph. */
#define DEPLOY(ref, required)                                                                                        \
	"{\"refId\": \"" ref "\", \"requisiteStageRefIds\": [" required "], \"type\": \"deployManifest\","           \
	" \"name\": \"Deploy\", \"account\": \"sandbox\", \"cloudProvider\": \"kubernetes\","                        \
	" \"moniker\": {\"app\": \"checkout\"}, \"source\": \"text\", \"skipExpressionEvaluation\": false,"          \
	" \"failOnFailedExpressions\": true, \"requiredArtifactIds\": [],"                                           \
	" \"trafficManagement\": {\"enabled\": false, \"options\": {\"enableTraffic\": false, \"services\": []}},"   \
	" \"manifests\": [{\"apiVersion\": \"fiaas.schibsted.io/v1\", \"kind\": \"Application\","                    \
	"  \"metadata\": {\"name\": \"${parameters.application}\", \"namespace\": \"${parameters.namespace}\","      \
	"   \"labels\": {\"app\": \"${parameters.application}\","                                                    \
	"    \"fiaas/deployment_id\": \"${parameters.deployment_id}\"},"                                             \
	"   \"annotations\": {\"paas/digest\": \"${parameters.digest}\","                                            \
	"    \"paas/commit\": \"${parameters.commit}\", \"paas/deployed-by\": \"${parameters.deployed_by}\"}},"      \
	"  \"spec\": {\"application\": \"${parameters.application}\", \"image\": \"${parameters.image}\","           \
	"   \"config\": \"${#readJson(parameters.config)}\"}}]}"

#define REQUIRED(name) "{\"name\": \"" name "\", \"label\": \"" name "\", \"required\": true, \"default\": \"\","     \
	" \"hasOptions\": false, \"options\": []},"
#define OPTIONAL(name, fallback) "{\"name\": \"" name "\", \"label\": \"" name "\", \"required\": false,"             \
	" \"default\": \"" fallback "\", \"hasOptions\": false, \"options\": []}"

#define PIPELINE(id, name, environment, stages)                                                                      \
	"{\"id\": \"" id "\", \"application\": \"checkout\", \"name\": \"" name "\", \"schema\": \"1\","             \
	" \"spelEvaluator\": \"v4\", \"limitConcurrent\": true, \"keepWaitingPipelines\": false,"                    \
	" \"expectedArtifacts\": [], \"triggers\": [], \"notifications\": [],"                                       \
	" \"parameterConfig\": [" REQUIRED("image") REQUIRED("deployment_id") REQUIRED("config")                     \
	OPTIONAL("environment", environment) "," OPTIONAL("namespace", "payments-" environment) ","                  \
	OPTIONAL("application", "checkout") "," OPTIONAL("commit", "") "," OPTIONAL("digest", "") ","                \
	OPTIONAL("deployed_by", "") "], \"stages\": [" stages "]}"

#define APPROVE                                                                                                      \
	"{\"refId\": \"1\", \"requisiteStageRefIds\": [], \"type\": \"manualJudgment\", \"name\": \"Approve\","      \
	" \"instructions\": \"Deploy ${parameters.image} to pro?\", \"judgmentInputs\": [], \"failPipeline\": true,"  \
	" \"notifications\": []},"

const char *const config_samples[] = {
	PIPELINE("6c6b4d0e-5e0a-4d0c-9b1e-0d1f5a7c0001", "deploy-dev", "dev", DEPLOY("1", "")),
	PIPELINE("6c6b4d0e-5e0a-4d0c-9b1e-0d1f5a7c0002", "deploy-pro", "pro", APPROVE DEPLOY("2", "\"1\"")),
	"{\"id\": \"6c6b4d0e-5e0a-4d0c-9b1e-0d1f5a7c0003\", \"application\": \"checkout\", \"name\": \"old\","
	" \"limitConcurrent\": false, \"keepWaitingPipelines\": false, \"triggers\": [],"
	" \"stages\": [{\"refId\": 1, \"requisiteStageRefIds\": [], \"type\": \"wait\", \"name\": \"Wait\", \"waitTime\": 1},"
	"  {\"refId\": 2, \"requisiteStageRefIds\": [1], \"type\": \"wait\", \"name\": \"Wait more\", \"waitTime\": 1}]}",
};
const size_t n_config_samples = array_length(config_samples);

/* Ids are UUIDs, stages are numbered, a trigger is of a kind that nobody knows, parents nest. */
const char execution_sample[] =
	"{\"type\": \"PIPELINE\", \"id\": \"0e6f9a3e-7a44-4a0e-8a43-4f5f0d5e0001\", \"application\": \"checkout\","
	" \"name\": \"old\", \"buildTime\": 1700000000000, \"startTime\": 1700000000100, \"endTime\": 1700000060000,"
	" \"canceled\": false, \"limitConcurrent\": false, \"keepWaitingPipelines\": false, \"status\": \"SUCCEEDED\","
	" \"origin\": \"unknown\", \"authentication\": {\"user\": \"[anonymous]\", \"allowedAccounts\": []},"
	" \"pipelineConfigId\": \"6c6b4d0e-5e0a-4d0c-9b1e-0d1f5a7c0003\", \"notifications\": [],"
	" \"trigger\": {\"type\": \"pipeline\", \"user\": \"[anonymous]\", \"parameters\": {}, \"artifacts\": [],"
	"  \"isPipeline\": true, \"parentPipelineName\": \"nightly\", \"parentPipelineApplication\": \"checkout\","
	"  \"parentStatus\": \"SUCCEEDED\", \"parentExecution\": {\"type\": \"PIPELINE\", \"id\": \"1\","
	"   \"application\": \"checkout\", \"name\": \"nightly\", \"status\": \"SUCCEEDED\", \"stages\": [],"
	"   \"trigger\": {\"type\": \"moonphase\", \"user\": \"[anonymous]\", \"parameters\": {}}}},"
	" \"stages\": [{\"id\": \"a\", \"refId\": 1, \"type\": \"wait\", \"name\": \"Wait\", \"status\": \"FAILED_CONTINUE\","
	"   \"startTime\": 1700000000200, \"endTime\": 1700000010000, \"context\": {\"waitTime\": 1}, \"outputs\": {},"
	"   \"tasks\": [], \"requisiteStageRefIds\": []},"
	"  {\"id\": \"b\", \"refId\": \"1<1\", \"type\": \"restrictExecutionDuringTimeWindow\","
	"   \"name\": \"Restrict Execution During Time Window\", \"status\": \"SUCCEEDED\", \"context\": {}, \"outputs\": {},"
	"   \"syntheticStageOwner\": \"STAGE_BEFORE\", \"parentStageId\": \"a\", \"tasks\": [], \"requisiteStageRefIds\": []},"
	"  {\"id\": \"c\", \"refId\": 2, \"type\": \"wait\", \"name\": \"Wait more\", \"status\": \"SUCCEEDED\","
	"   \"startTime\": 1700000010000, \"endTime\": 1700000060000, \"context\": {\"waitTime\": 1}, \"outputs\": {},"
	"   \"tasks\": [], \"requisiteStageRefIds\": [1]}]}";
