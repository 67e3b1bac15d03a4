/* What sandbox.c and control.c share; nobody else includes it. */
#ifndef PAAS_SANDBOX_PARTS_H
#define PAAS_SANDBOX_PARTS_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/loop.h"
#include "core/fiaas/options.h"
#include "sandbox/fault.h"
#include "sandbox/files.h"
#include "sandbox/forge/forge.h"
#include "sandbox/git/git.h"
#include "sandbox/github/github.h"
#include "sandbox/kubernetes/api.h"
#include "sandbox/kubernetes/store.h"
#include "sandbox/oci/registry.h"
#include "sandbox/sandbox.h"
#include "sandbox/slack/slack.h"
#include "sandbox/spinnaker/gate.h"
#include "sandbox/sso/sso.h"
#include "sandbox/travis/travis.h"
#include "sandbox/world/world.h"
#include "web/server.h"

/* What a server knows of itself. */
struct sandbox_door {
	struct sandbox *sandbox;
	enum sandbox_server server;
};

struct sandbox {
	struct loop *loop;
	struct sandbox_options options;
	struct arena arena;
	struct fiaas_options fiaas;
	struct sandbox_connection connection;
	struct store *store;
	struct world *world;
	struct kubernetes_api *api;
	struct registry *registry;
	struct sso *sso;
	struct gate *gate;
	struct forge *forge;
	struct github *github;
	struct git_server *git;
	struct travis *travis;
	struct slack *slack;
	struct faults *faults[SERVER_COUNT];
	struct web_server *servers[SERVER_COUNT];
	struct sandbox_door doors[SERVER_COUNT];
	struct buf log;          /* the container's lines that read_log handed out last */
	json_t *initial;         /* the state that `reset` goes back to */
	struct loop_task stop;   /* ends the loop once the answer is on its way */
};

/* Everything that a snapshot holds; new reference, and back. */
json_t *sandbox_snapshot(const struct sandbox *sandbox);
bool sandbox_restore(struct sandbox *sandbox, const json_t *snapshot, struct error *err) must_use;

/* Answers requests below /-/sandbox/; they carry the control token. */
void sandbox_control_handle(struct sandbox *sandbox, struct web_request *request);

#endif
